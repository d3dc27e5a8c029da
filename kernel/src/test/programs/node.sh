# needs: node
node --version; d=$(mktemp -d); cat > "$d/s.js" <<'END'
const fs = require('fs'), os = require('os'), cp = require('child_process'), crypto = require('crypto'), path = require('path'), zlib = require('zlib');
console.log(process.platform, process.arch, [1, 2, 3].map(x => x * x), crypto.createHash('sha256').update('x').digest('hex'));
const f = path.join(__dirname, 'f'); fs.writeFileSync(f, 'hello'.repeat(1000)); console.log(fs.readFileSync(f, 'utf8').length, fs.statSync(f).size, zlib.gunzipSync(zlib.gzipSync('abc')).toString());
console.log(cp.execSync('echo from shell').toString().trim(), cp.spawnSync('sh', ['-c', 'exit 3']).status);
setTimeout(() => setImmediate(() => console.log('timer, immediate')), 20); process.nextTick(() => console.log('tick')); Promise.resolve().then(() => console.log('promise'));
setTimeout(() => { const c = cp.spawn('cat'); c.stdout.on('data', b => console.log('cat', b.toString())); c.on('close', code => { console.log('closed', code); next(); }); c.stdin.end('through cat'); }, 60);
function next() {
  const { Worker } = require('worker_threads'); const w = new Worker('require("worker_threads").parentPort.postMessage(6 * 7)', { eval: true }); w.on('message', m => console.log('worker', m));
  w.on('exit', () => { const http = require('http'); const s = http.createServer((q, r) => r.end('served ' + q.url)); s.listen(0, '127.0.0.1', () => http.get({ port: s.address().port, host: '127.0.0.1', path: '/x' }, r => { let t = ''; r.on('data', d => t += d); r.on('end', () => { console.log(t); s.close(); files(); }); })); });
}
function files() { fs.promises.readdir('/etc').then(l => { console.log(l.includes('passwd')); let n = 0; for (let i = 0; i < 1e7; i++) n = (n + i) % 1000003; console.log(n); process.exitCode = 5; }); }
END
node "$d/s.js"; r=$?; rm -rf "$d"; exit $r
