# needs: python3
exec python3 - <<'END'
import subprocess as s, sys, os, signal, time
print(s.run(["echo", "hi"], capture_output=True, text=True)); print(s.check_output("echo $0; exit 0", shell=True)); print(s.call(["sh", "-c", "exit 7"]), s.call(["sh", "-c", "kill -9 $$"]))
p = s.Popen(["cat"], stdin=s.PIPE, stdout=s.PIPE); print(p.communicate(b"x" * 300000)[0] == b"x" * 300000, p.returncode)
try: s.run(["sleep", "10"], timeout=0.3)
except s.TimeoutExpired as e: print("timeout", e.cmd)
try: s.run(["/nonexistent"])
except FileNotFoundError as e: print(e.errno, e.filename)
p = s.Popen([sys.executable, "-c", "import time; print('ready', flush=True); time.sleep(30)"], stdout=s.PIPE); print(p.stdout.readline()); p.send_signal(signal.SIGTERM); print(p.wait())
print(s.run("seq 1000 | sort -rn | head -n 3", shell=True, stdout=s.PIPE).stdout); ps = [s.Popen(["sh", "-c", f"exit {i}"]) for i in range(20)]; print([p.wait() for p in ps])
print(s.run(["env"], env={"A": "1"}, stdout=s.PIPE).stdout, s.run(["pwd"], cwd="/usr", stdout=s.PIPE).stdout, s.run(["cat"], stdin=s.DEVNULL).returncode)
p = s.Popen(["sh", "-c", "echo out; echo err >&2"], stdout=s.PIPE, stderr=s.STDOUT); print(p.communicate()); print(s.run(["sh", "-c", "echo $PPID"], start_new_session=True, stdout=s.PIPE).stdout != b"")
END
