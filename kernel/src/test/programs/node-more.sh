# needs: node
# Worker threads, child processes with a channel, streams through zlib, the thread pool's crypto.
d=$(mktemp -d) && cd "$d" || exit 1
cat > main.js <<'END'
const { Worker, isMainThread, parentPort, workerData } = require('worker_threads');
const fs = require('fs'), cp = require('child_process'), zlib = require('zlib'), crypto = require('crypto');
async function main() {
  console.log(await Promise.all([1, 2, 3, 4].map(i => new Promise((done, fail) => {
    const w = new Worker(__filename, { workerData: i });
    w.on('message', done);
    w.on('error', fail);
  }))));
  console.log(cp.execSync('echo hi').toString().trim(), cp.spawnSync('sh', ['-c', 'exit 3']).status);
  fs.writeFileSync('a', 'x'.repeat(100000));
  console.log(fs.statSync('a').size, fs.readdirSync('.').sort());
  await new Promise(r => fs.createReadStream('a').pipe(zlib.createGzip()).pipe(fs.createWriteStream('a.gz')).on('finish', r));
  console.log(zlib.gunzipSync(fs.readFileSync('a.gz')).length);
  const child = cp.fork(__dirname + '/child.js');
  child.on('message', m => { console.log('from child:', m); child.send('bye'); });
  console.log('child ended', await new Promise(r => child.on('exit', r)));
  console.log(await new Promise(r => crypto.pbkdf2('a', 'b', 1000, 16, 'sha1', (e, k) => r(k.toString('hex')))));
  const watch = new Promise(r => { const w = fs.watch('.', (kind, name) => { w.close(); r(name); }); });
  fs.writeFileSync('seen', '');
  console.log('watched', await watch);
  process.on('exit', () => console.log('exit'));
  process.exitCode = 6;
  setTimeout(() => console.log('timer'), 20);
}
if (isMainThread) main();
else { let s = 0; for (let i = 0; i < 1e6; i++) s += i * workerData; parentPort.postMessage(s); }
END
echo "process.send('hello'); process.on('message', m => { console.log('to child:', m); process.exit(4); })" > child.js
node main.js; r=$?
cd / && rm -rf "$d"
exit $r
