import io.loomvisor.net.NetStack;
import io.loomvisor.net.TcpListener;
import io.loomvisor.net.TcpSocket;
import io.loomvisor.net.buffer.PacketPool;
import io.loomvisor.net.link.FdLink;
import io.loomvisor.net.link.TunDevice;
import io.loomvisor.net.wire.MacAddress;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * A web server that has no socket: its TCP/IP is net-stack, its network card a TUN or a
 * TAP device.
 *
 * <p>Arguments: the device, the port, then the server's addresses with prefix lengths. It answers
 * {@code GET /} with a greeting and {@code GET /bytes/N} with N bytes, and prints a line once it
 * listens. The file {@code run} beside this one starts it and asks it.
 */
final class WebServer {
  private static final int MTU = 1500;
  private static final MacAddress MAC = MacAddress.parse("02:00:00:00:00:02");
  private static final int MAX_LINE = 8192;
  private static final int MAX_HEADERS = 100;

  private WebServer() {}

  public static void main(String[] args) throws IOException {
    PacketPool pool = new PacketPool();
    FdLink link = device(args[0], pool);
    NetStack.LinkBuilder host = NetStack.builder().pool(pool).link(args[0], link);
    for (int i = 2; i < args.length; i++) {
      host.address(args[i]);
    }
    try (NetStack stack = host.build();
        TcpListener listener = stack.listen("[::]:" + args[1])) {
      System.out.println("listening at port " + args[1]);
      for (; ; ) {
        TcpSocket peer = listener.accept();
        Thread.startVirtualThread(() -> serve(peer));
      }
    }
  }

  /** By its name a TUN device, or a TAP device that leaves checksums and segments to the host. */
  private static FdLink device(String name, PacketPool pool) throws IOException {
    return name.startsWith("tap")
        ? FdLink.offloading(TunDevice.openOffloading(name), MTU, MAC, pool)
        : FdLink.tun(TunDevice.open(name, false), MTU, pool);
  }

  /** One connection, request after request. */
  private static void serve(TcpSocket peer) {
    try (peer) {
      peer.timeout(30_000);
      InputStream in = new BufferedInputStream(peer.inputStream());
      OutputStream out = new BufferedOutputStream(peer.outputStream(), 1 << 16);
      while (answer(in, out, String.valueOf(peer.remoteAddress()))) {
        out.flush();
      }
      out.flush();
    } catch (IOException e) {
      System.err.println("connection ended: " + e.getMessage());
    }
  }

  /** False if the connection is to be closed. */
  private static boolean answer(InputStream in, OutputStream out, String peer) throws IOException {
    String request = line(in);
    if (request == null) {
      return false;
    }
    boolean keep = request.endsWith(" HTTP/1.1");
    int headers = 0;
    for (String h = line(in); h != null && !h.isEmpty(); h = line(in)) {
      if (++headers > MAX_HEADERS) {
        return text(out, "431 Request Header Fields Too Large", "too many headers\n", false);
      }
      keep &= !h.equalsIgnoreCase("connection: close");
    }
    String[] words = request.split(" ");
    if (words.length != 3 || !words[2].startsWith("HTTP/1.")) {
      return text(out, "400 Bad Request", "this speaks HTTP/1.1\n", false);
    }
    if (!words[0].equals("GET")) {
      // A body may follow, which would be taken for the next request.
      return text(out, "405 Method Not Allowed", "GET only\n", false);
    }
    if (words[1].equals("/")) {
      return text(out, "200 OK", "hello " + peer + ", this is net-stack\n", keep);
    }
    if (words[1].matches("/bytes/\\d{1,9}")) {
      return bytes(out, Integer.parseInt(words[1].substring(7)), keep);
    }
    return text(out, "404 Not Found", "nothing here\n", keep);
  }

  private static boolean text(OutputStream out, String status, String body, boolean keep)
      throws IOException {
    byte[] b = body.getBytes(StandardCharsets.UTF_8);
    head(out, status, "text/plain", b.length, keep);
    out.write(b);
    return keep;
  }

  /** {@code n} bytes: the decimal digits, over and over. */
  private static boolean bytes(OutputStream out, int n, boolean keep) throws IOException {
    head(out, "200 OK", "application/octet-stream", n, keep);
    byte[] digits = "0123456789".repeat(1000).getBytes(StandardCharsets.US_ASCII);
    for (int done = 0; done < n; done += digits.length) {
      out.write(digits, 0, Math.min(digits.length, n - done));
    }
    return keep;
  }

  private static void head(OutputStream out, String status, String type, int length, boolean keep)
      throws IOException {
    String h =
        "HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %d\r\nConnection: %s\r\n\r\n"
            .formatted(status, type, length, keep ? "keep-alive" : "close");
    out.write(h.getBytes(StandardCharsets.US_ASCII));
  }

  /** A line without its end; null if there is none. */
  private static String line(InputStream in) throws IOException {
    StringBuilder s = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        if (s.isEmpty()) {
          return null;
        }
        throw new EOFException("a request without an end");
      }
      if (s.length() >= MAX_LINE) {
        throw new IOException("a line of more than " + MAX_LINE + " bytes");
      }
      s.append((char) c);
    }
    int n = s.length();
    return n > 0 && s.charAt(n - 1) == '\r' ? s.substring(0, n - 1) : s.toString();
  }
}
