package io.loomvisor.benchmarks.net;

import io.loomvisor.net.NetStack;
import io.loomvisor.net.buffer.PacketPool;
import io.loomvisor.net.link.FdLink;
import io.loomvisor.net.link.TunDevice;
import io.loomvisor.net.socket.SocketOption;
import io.loomvisor.net.wire.MacAddress;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;

/**
 * One TCP connection to the host's own TCP, from net-stack through a TAP device and from another
 * network namespace of the host through a veth pair, in turns; {@code benchmarks/net-device} makes
 * devices and namespaces. Bytes are counted by the clock, so it includes how threads are woken and
 * all work of the host; each end may have a CPU.
 *
 * <p>Arguments: {@code drive SECONDS NAMESPACE}, which starts the others; {@code peer}; {@code tap
 * NAME ADDRESS PEER}; {@code veth PEER}.
 */
public final class DeviceMain {
  private static final int ROUNDS = 5;
  private static final int MTU = 1500;
  private static final String[] TITLES = {
    "from the near end, Gbit/s", "to the near end, Gbit/s", "a byte there and back, 1000/s"
  };
  private static final byte[] KINDS = {DevicePeer.TAKE, DevicePeer.GIVE, DevicePeer.ECHO};

  private DeviceMain() {}

  public static void main(String[] args) throws Exception {
    switch (args[0]) {
      case "drive" -> drive(args[1], args[2]);
      case "peer" -> DevicePeer.serve();
      case "tap" -> tap(args[1], args[2], args[3]);
      case "veth" -> answer(() -> connectHost(args[1]));
      default -> throw new IllegalArgumentException(args[0]);
    }
  }

  private static void tap(String name, String address, String peer) throws Exception {
    PacketPool pool = new PacketPool();
    MacAddress mac = MacAddress.parse("02:00:00:00:00:02");
    FdLink link = FdLink.offloading(TunDevice.openOffloading(name), MTU, mac, pool);
    try (NetStack stack =
        NetStack.builder().pool(pool).link("eth0", link).address(address).build()) {
      answer(() -> stack.connect(peer + ":" + DevicePeer.PORT).option(SocketOption.TCP_NODELAY, 1));
    }
  }

  private static ByteChannel connectHost(String peer) throws IOException {
    SocketChannel c = SocketChannel.open(new InetSocketAddress(peer, DevicePeer.PORT));
    return c.setOption(StandardSocketOptions.TCP_NODELAY, true);
  }

  /** Each line asks for one measurement: its kind and seconds. The answer is a line. */
  private static void answer(Callable<ByteChannel> connect) throws Exception {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
    System.out.println("ready");
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      byte kind = (byte) line.charAt(0);
      long nanos = (long) (Double.parseDouble(line.substring(2)) * 1e9);
      try (ByteChannel c = connect.call()) {
        c.write(ByteBuffer.wrap(new byte[] {kind}));
        System.out.println(kind == DevicePeer.ECHO ? echo(c, nanos) : move(c, kind, nanos));
      }
    }
  }

  /** Gbit/s. */
  private static double move(ByteChannel c, byte kind, long nanos) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(DevicePeer.CHUNK);
    long bytes = 0;
    long start = System.nanoTime();
    long now = start;
    while (now - start < nanos) {
      buffer.clear();
      int n = kind == DevicePeer.TAKE ? c.write(buffer) : c.read(buffer);
      if (n <= 0) {
        throw new IOException("the connection ended");
      }
      bytes += n;
      now = System.nanoTime();
    }
    return bytes * 8.0 / (now - start);
  }

  /** Thousands of answers a second. */
  private static double echo(ByteChannel c, long nanos) throws IOException {
    ByteBuffer one = ByteBuffer.allocateDirect(1);
    long n = 0;
    long start = System.nanoTime();
    long now = start;
    while (now - start < nanos) {
      c.write(one.clear());
      if (c.read(one.clear()) != 1) {
        throw new IOException("the connection ended");
      }
      n++;
      now = System.nanoTime();
    }
    return n * 1e6 / (now - start);
  }

  private static void drive(String seconds, String namespace) throws Exception {
    List<Child> children = new ArrayList<>();
    try {
      children.add(new Child("peer"));
      children.add(new Child("tap", "tap0", "10.8.0.2/24", "10.8.0.1"));
      children.add(new Child(List.of("nsenter", "--net=" + namespace), "veth", "10.7.0.1"));
      for (int kind = 0; kind < KINDS.length; kind++) {
        compare(TITLES[kind], (char) KINDS[kind] + " " + seconds, children);
      }
    } finally {
      children.forEach(Child::close);
    }
  }

  private static void compare(String title, String order, List<Child> children) throws IOException {
    double[] tap = new double[ROUNDS];
    double[] veth = new double[ROUNDS];
    double[] ratio = new double[ROUNDS];
    for (int round = -1; round < ROUNDS; round++) {
      double t = Double.parseDouble(children.get(1).ask(order));
      double v = Double.parseDouble(children.get(2).ask(order));
      if (round >= 0) { // the first is for warming up
        tap[round] = t;
        veth[round] = v;
        ratio[round] = t / v;
      }
    }
    System.out.printf("%n| One connection, %s | median | least | most |%n", title);
    System.out.println("| --- | --- | --- | --- |");
    row("net-stack through TAP to Linux", tap);
    row("Linux through veth to Linux", veth);
    row("their ratio, turn by turn", ratio);
  }

  private static void row(String name, double[] values) {
    Arrays.sort(values);
    System.out.printf(
        Locale.ROOT,
        "| %s | %.2f | %.2f | %.2f |%n",
        name,
        values[values.length / 2],
        values[0],
        values[values.length - 1]);
  }

  /** Another process of this program. */
  private static final class Child implements AutoCloseable {
    private final Process process;
    private final BufferedReader answers;

    Child(String... arguments) throws IOException {
      this(List.of(), arguments);
    }

    Child(List<String> before, String... arguments) throws IOException {
      List<String> command = new ArrayList<>(before);
      command.add(ProcessHandle.current().info().command().orElseThrow());
      command.add("--enable-native-access=ALL-UNNAMED");
      command.add("-XX:+UseSerialGC");
      command.add("-cp");
      command.add(System.getProperty("java.class.path"));
      command.add(DeviceMain.class.getName());
      command.addAll(List.of(arguments));
      process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      answers = process.inputReader();
      read();
    }

    private String read() throws IOException {
      String line = answers.readLine();
      if (line == null) {
        throw new IOException(process.info().commandLine().orElse("a child") + " has ended");
      }
      return line;
    }

    String ask(String order) throws IOException {
      process.outputWriter().append(order).append('\n').flush();
      return read();
    }

    @Override
    public void close() {
      process.destroy();
    }
  }
}
