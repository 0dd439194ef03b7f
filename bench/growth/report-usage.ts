import { writeFileSync } from 'node:fs';

/** Imported before a program, writes into the file that REPORT_USAGE names what its process used, when it ends. */
const file = process.env.REPORT_USAGE;
if (file !== undefined) {
  process.on('exit', () => writeFileSync(file, JSON.stringify(process.resourceUsage())));
}
