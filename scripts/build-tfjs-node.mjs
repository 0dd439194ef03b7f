// Builds the native part of @tensorflow/tfjs-node, or of tfjs-node-gpu where that is installed, against the libraries inside pip's
// tensorflow: for machines that cannot download TensorFlow's own, and to have a TensorFlow newer than 2.9.
//
//   pip install tensorflow                      (or tensorflow[and-cuda], with tfjs-node-gpu)
//   npm install --no-save --save-dev --ignore-scripts @tensorflow/tfjs-node
//   node scripts/build-tfjs-node.mjs "$(python3 -c 'import importlib.util as u; print(u.find_spec("tensorflow").submodule_search_locations[0])')"
//
// It needs Linux, a C++ compiler, make and Python. The libraries are linked to, not copied: the Python package has to stay.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const modules = fileURLToPath(new URL('../node_modules/', import.meta.url));
const NAPI = 8;

function fail(message) {
  console.error(message);
  process.exit(1);
}

const [tensorflow] = process.argv.slice(2);
if (tensorflow === undefined)
  fail('name the folder of the Python package tensorflow: see the head of this file');
if (process.platform !== 'linux') fail('this works on Linux only: the libraries have other names elsewhere');
const from = resolve(tensorflow);
const name = ['tfjs-node-gpu', 'tfjs-node'].find((each) => existsSync(join(modules, '@tensorflow', each)));
if (name === undefined)
  fail('install it first: npm install --no-save --save-dev --ignore-scripts @tensorflow/tfjs-node');
const target = join(modules, '@tensorflow', name);

function link(source, path) {
  if (!existsSync(source))
    fail(`${source} is missing: ${from} is not the folder of TensorFlow 2.12 or later`);
  rmSync(path, { recursive: true, force: true });
  symlinkSync(source, path);
}

const library = join(target, 'deps', 'lib');
mkdirSync(library, { recursive: true });
link(join(from, 'include'), join(target, 'deps', 'include'));
// The wheel's C++ library has the whole C interface in it.
for (const [file, alias] of [
  ['libtensorflow_cc.so.2', 'libtensorflow.so'],
  ['libtensorflow_framework.so.2', 'libtensorflow_framework.so'],
]) {
  link(join(from, file), join(library, file));
  link(join(from, file), join(library, alias));
}

/** npm brings node-gyp along; the headers of Node come with it, too, or are downloaded. */
function findNodeGyp() {
  const npm = spawnSync('npm', ['root', '-g'], { encoding: 'utf8' }).stdout.trim();
  const path = join(npm, 'npm', 'node_modules', 'node-gyp', 'bin', 'node-gyp.js');
  if (!existsSync(path)) fail(`node-gyp is not at ${path}, where npm has it`);
  return path;
}

const prefix = dirname(dirname(realpathSync(process.execPath)));
const headers = existsSync(join(prefix, 'include', 'node', 'node_api.h')) ? [`--nodedir=${prefix}`] : [];
const { status } = spawnSync(
  process.execPath,
  [
    findNodeGyp(),
    'rebuild',
    ...headers,
    '--module_name=tfjs_binding',
    `--module_path=${join(target, 'lib', `napi-v${NAPI}`)}`,
    `--napi_build_version=${NAPI}`,
  ],
  { cwd: target, stdio: ['ignore', 'inherit', 'inherit'] },
);
if (status !== 0) fail('the binding does not compile: see above');
const { version } = JSON.parse(readFileSync(join(target, 'package.json'), 'utf8'));
console.log(`built @tensorflow/${name} ${version} on ${from}`);
