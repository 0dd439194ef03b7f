#!/usr/bin/env node
import { processIo } from './command-io.ts';
import { compileMain } from './compile-main.ts';

process.exitCode = await compileMain(process.argv.slice(2), processIo());
