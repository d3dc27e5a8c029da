# needs: python3
exec python3 - <<'END'
import http.server, threading, urllib.request, socket, select
from concurrent.futures import ThreadPoolExecutor
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self): self.send_response(200); self.end_headers(); self.wfile.write(b"x" * 200000)
    def do_POST(self): n = int(self.headers["Content-Length"]); d = self.rfile.read(n); self.send_response(200); self.end_headers(); self.wfile.write(str(sum(d)).encode())
    def log_message(self, *a): pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler); threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}/"
def get(i): return len(urllib.request.urlopen(url).read()) if i % 2 else int(urllib.request.urlopen(url, bytes([1]) * 100000).read())
print(sum(ThreadPoolExecutor(8).map(get, range(40))))
print(socket.getaddrinfo("localhost", 80, type=socket.SOCK_STREAM)[0][1], "lo" in [n for _, n in socket.if_nameindex()])
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); u.bind(("127.0.0.1", 0)); u.sendto(b"to itself", u.getsockname()); print(u.recv(100))
s = socket.create_server(("::1", 0), family=socket.AF_INET6); c = socket.create_connection(s.getsockname()[:2]); d, _ = s.accept()
p = select.epoll(); p.register(d, select.EPOLLIN | select.EPOLLET); c.sendall(b"six"); print(p.poll(5)[0][1], d.recv(10)); c.close(); print(p.poll(5)[0][1] & select.EPOLLIN, d.recv(10))
def inode(x): import os; return str(os.fstat(x.fileno()).st_ino)
print(inode(u) in open("/proc/net/udp").read(), inode(s) in open("/proc/net/tcp6").read())
END
