# needs: python3
exec python3 - <<'END'
import asyncio, signal, os, socket, tempfile, threading
async def main():
    async def n(i): await asyncio.sleep(0.001 * i); return i
    print(sum(await asyncio.gather(*[n(i) for i in range(50)])))
    q = asyncio.Queue()
    async def produce(): [await q.put(i) for i in range(10)]; await q.put(None)
    asyncio.create_task(produce()); got = []
    while (x := await q.get()) is not None: got.append(x)
    print(got); p = await asyncio.create_subprocess_exec("cat", stdin=-1, stdout=-1); print(await p.communicate(b"to cat"), p.returncode)
    ps = await asyncio.gather(*[asyncio.create_subprocess_shell(f"exit {i}") for i in range(5)]); print([await p.wait() for p in ps])
    try: await asyncio.wait_for(asyncio.sleep(10), 0.05)
    except asyncio.TimeoutError: print("timeout")
    async def serve(r, w):
        while data := await r.readline(): w.write(data.upper()); await w.drain()
        w.close()
    path = os.path.join(tempfile.mkdtemp(), "s"); s = await asyncio.start_unix_server(serve, path); r, w = await asyncio.open_unix_connection(path)
    for m in (b"one\n", b"two\n"): w.write(m); print(await r.readline())
    w.write_eof(); print(await r.read()); w.close(); s.close(); loop = asyncio.get_running_loop(); hit = asyncio.Event()
    loop.add_signal_handler(signal.SIGUSR1, hit.set); os.kill(os.getpid(), signal.SIGUSR1); await hit.wait(); print("signal")
    print(await loop.run_in_executor(None, lambda: threading.current_thread() is not threading.main_thread()))
    s = await asyncio.start_server(serve, "127.0.0.1", 0); port = s.sockets[0].getsockname()[1]; r, w = await asyncio.open_connection("127.0.0.1", port); w.write(b"tcp\n"); print(await r.readline()); w.close(); s.close(); await asyncio.sleep(0.05)
asyncio.run(main())
END
