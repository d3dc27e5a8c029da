# needs: python3
exec python3 - <<'END'
import sys, os, json, hashlib, sqlite3, threading, queue, time, struct, zlib, re, tempfile, shutil, random, math, collections
print(sys.version_info[:2], json.dumps({"a": [1, 2, {"b": None}], "c": "é"}, sort_keys=True))
print(hashlib.sha256(b"x" * 100000).hexdigest(), hashlib.md5(b"abc").hexdigest(), zlib.crc32(b"hello"))
db = sqlite3.connect(":memory:"); db.execute("create table t(a integer primary key, b text)")
db.executemany("insert into t(b) values(?)", [(str(i * i),) for i in range(100)]); print(db.execute("select count(*), sum(b), max(a) from t").fetchone())
d = tempfile.mkdtemp(); f = os.path.join(d, "x.db"); db = sqlite3.connect(f); db.execute("pragma journal_mode=wal"); db.execute("create table u(x)")
with db: db.executemany("insert into u values(?)", [(i,) for i in range(1000)])
print(sqlite3.connect(f).execute("select sum(x) from u").fetchone()); db.close()
q = queue.Queue(); total = []
def work():
    while (n := q.get()) is not None: total.append(n * n)
ts = [threading.Thread(target=work) for _ in range(8)]; [t.start() for t in ts]; [q.put(i) for i in range(1000)]; [q.put(None) for _ in ts]; [t.join() for t in ts]
print(sum(total), len(total)); e = threading.Event(); threading.Timer(0.05, e.set).start(); print(e.wait(5), e.is_set())
random.seed(1); print([random.randrange(100) for _ in range(5)], math.pi, struct.pack("<IHb", 1, 2, -3)); print(re.findall(r"\d+", "a1b22c333"), collections.Counter("mississippi").most_common(2))
with open(os.path.join(d, "f"), "w") as o: o.writelines(f"{i}\n" for i in range(10000))
print(os.path.getsize(os.path.join(d, "f")), sum(int(l) for l in open(os.path.join(d, "f")))); shutil.rmtree(d); print(os.path.exists(d))
r, w = os.pipe(); pid = os.fork()
if pid == 0: os.write(w, b"child"); os._exit(5)
print(os.read(r, 10), os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])); t = time.monotonic(); time.sleep(0.05); print(0.05 <= time.monotonic() - t < 2)
import mmap; m = mmap.mmap(-1, 8192); m[0:5] = b"hello"; print(m[:5], len(m)); import platform; print(platform.system(), platform.machine()); sys.exit(3)
END
