# needs: python3
d=$(mktemp -d); cat > "$d/m.py" <<'END'
import multiprocessing as mp, os, sys
from concurrent.futures import ProcessPoolExecutor
def square(n): return n * n
def put(q, lock, value):
    for _ in range(50):
        with lock: value.value += 1
    q.put(os.getpid() != os.getppid())
if __name__ == "__main__":
    for method in ("fork", "spawn", "forkserver"):
        c = mp.get_context(method)
        with c.Pool(4) as p: print(method, sum(p.map(square, range(1000))))
        q, l, v = c.Queue(), c.Lock(), c.Value("i", 0); ps = [c.Process(target=put, args=(q, l, v)) for _ in range(4)]
        [p.start() for p in ps]; print([q.get() for _ in ps]); [p.join() for p in ps]; print(v.value, [p.exitcode for p in ps])
    with ProcessPoolExecutor(3) as e: print(list(e.map(square, range(10))))
    a, b = mp.Pipe(); p = mp.Process(target=lambda: (b.send({"x": [1, 2]}), b.close())); p.start(); print(a.recv()); p.join()
    from multiprocessing import shared_memory; m = shared_memory.SharedMemory(create=True, size=100); m.buf[:3] = b"abc"; n = shared_memory.SharedMemory(m.name); print(bytes(n.buf[:3])); n.close(); m.close(); m.unlink()
    s = mp.Semaphore(2); s.acquire(); s.acquire(); print(s.acquire(timeout=0.05)); sys.exit(4)
END
python3 "$d/m.py"; r=$?; rm -rf "$d"; exit $r
