package io.loomvisor.benchmarks.net;

import com.sun.management.ThreadMXBean;
import io.loomvisor.net.link.PipeLink;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Measures and prints the tables of docs/performance.md about the net-stack. The kinds take turns,
 * several rounds of each, and the medians are shown. Time is the thread's CPU time, the kernel's
 * part included, so what else runs on the machine matters little. Arguments: seconds for each turn,
 * default 1; a number of turns of net-stack alone, for profiling.
 */
public final class NetMain {
  private static final int ROUNDS = 5;
  private static final int CHUNK = 1 << 16;
  private static final int MANY = 1000;
  private static final int MANY_CHUNK = 1 << 14;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private static final String COPY = "copies alone, segments of 1448, checksums";
  private static final String COPY_LARGE = "copies alone, segments of 64 KiB";
  private static final String STACK = "net-stack, MTU 1500";
  private static final String STACK_LARGE = "net-stack, segments of 64 KiB (offload)";
  private static final String HOST = "java.nio, the host's loopback";

  private final long turn;
  private final byte[] out = new byte[CHUNK];
  private final byte[] in = new byte[CHUNK];

  private NetMain(long turn) {
    this.turn = turn;
  }

  /** One kind of measurement; gives its unit per second. */
  private interface Work {
    double run(Streams s, long nanos) throws IOException;
  }

  private interface Maker {
    Streams make() throws IOException;
  }

  private record Kind(String name, Maker maker) {}

  private static final Kind[] KINDS = {
    new Kind(COPY, () -> new CopyStreams(1448, true)),
    new Kind(STACK, () -> new StackStreams(PipeLink.ip(1500))),
    new Kind(COPY_LARGE, () -> new CopyStreams(65_000, false)),
    new Kind(STACK_LARGE, () -> new StackStreams(PipeLink.ipWithOffload(1500))),
    new Kind(HOST, HostStreams::new),
  };

  public static void main(String[] args) throws IOException {
    double seconds = args.length > 0 ? Double.parseDouble(args[0]) : 1;
    NetMain m = new NetMain((long) (seconds * 1e9));
    if (args.length > 1) {
      for (int i = Integer.parseInt(args[1]); i > 0; i--) {
        m.table("One connection, Gbit/s", "%.1f", 8e-9, new Kind[] {KINDS[1]}, m::stream);
      }
      return;
    }
    Kind[] stacks = {KINDS[1], KINDS[3], KINDS[4]};
    m.table("One connection, Gbit/s", "%.1f", 8e-9, KINDS, m::stream);
    m.table("1,000 connections in turn, Gbit/s", "%.1f", 8e-9, stacks, m::many);
    m.table("Connections opened and reset, 1000/s", "%.0f", 1e-3, stacks, m::connect);
    m.table("Request and response of one byte, 1000/s", "%.0f", 1e-3, stacks, m::echo);
    System.out.printf(
        Locale.ROOT, "%nAllocated per packet in steady state: %.2f bytes%n", m.allocation());
  }

  private void table(String title, String format, double unit, Kind[] kinds, Work work)
      throws IOException {
    List<List<Double>> results = new ArrayList<>();
    for (int round = 0; round <= ROUNDS; round++) {
      for (int k = 0; k < kinds.length; k++) {
        if (round == 0) {
          results.add(new ArrayList<>());
        }
        try (Streams s = kinds[k].maker().make()) {
          work.run(s, turn / 4);
          double r = work.run(s, turn);
          if (round > 0) {
            results.get(k).add(r * unit);
          }
        }
      }
    }
    System.out.printf("%n| %s | median | least | most |%n| --- | --- | --- | --- |%n", title);
    for (int k = 0; k < kinds.length; k++) {
      double[] r = results.get(k).stream().mapToDouble(x -> x).sorted().toArray();
      String row = "| %s | " + format + " | " + format + " | " + format + " |%n";
      System.out.printf(Locale.ROOT, row, kinds[k].name(), r[r.length / 2], r[0], r[r.length - 1]);
    }
  }

  /** Writes as much as is taken, then reads as much as is there; bytes per second. */
  private double stream(Streams s, long nanos) throws IOException {
    int c = s.open();
    long bytes = 0;
    long start = THREADS.getCurrentThreadCpuTime();
    long now = start;
    while (now - start < nanos) {
      for (int i = 0; i < 16; i++) {
        int w = s.write(c, false, out, CHUNK);
        int r;
        do {
          r = s.read(c, true, in, CHUNK);
          bytes += r;
        } while (r > 0 && r == CHUNK);
        if (w == 0 && r == 0) {
          Thread.onSpinWait();
        }
      }
      now = THREADS.getCurrentThreadCpuTime();
    }
    return bytes * 1e9 / (now - start);
  }

  private double many(Streams s, long nanos) throws IOException {
    int first = s.open();
    for (int i = 1; i < MANY; i++) {
      s.open();
    }
    long bytes = 0;
    long start = THREADS.getCurrentThreadCpuTime();
    long now = start;
    while (now - start < nanos) {
      for (int i = 0; i < MANY; i++) {
        s.write(first + i, false, out, MANY_CHUNK);
        bytes += s.read(first + i, true, in, CHUNK);
      }
      now = THREADS.getCurrentThreadCpuTime();
    }
    return bytes * 1e9 / (now - start);
  }

  private double connect(Streams s, long nanos) throws IOException {
    long n = 0;
    long start = THREADS.getCurrentThreadCpuTime();
    long now = start;
    while (now - start < nanos) {
      s.reset(s.open());
      n++;
      now = THREADS.getCurrentThreadCpuTime();
    }
    return n * 1e9 / (now - start);
  }

  private double echo(Streams s, long nanos) throws IOException {
    int c = s.open();
    long n = 0;
    long start = THREADS.getCurrentThreadCpuTime();
    long now = start;
    while (now - start < nanos) {
      for (int i = 0; i < 16; i++) {
        hop(s, c, false);
        hop(s, c, true);
      }
      n += 16;
      now = THREADS.getCurrentThreadCpuTime();
    }
    return n * 1e9 / (now - start);
  }

  private void hop(Streams s, int c, boolean fromFar) throws IOException {
    if (s.write(c, fromFar, out, 1) != 1) {
      throw new IOException("no room for a byte");
    }
    while (s.read(c, !fromFar, in, 1) != 1) {
      Thread.onSpinWait();
    }
  }

  /** Bytes of heap that one packet of 1448 bytes, and what answers it, costs. */
  private double allocation() throws IOException {
    try (Streams s = new StackStreams(PipeLink.ip(1500))) {
      stream(s, turn);
      long thread = Thread.currentThread().threadId();
      long before = THREADS.getThreadAllocatedBytes(thread);
      double bytes = stream(s, turn) * turn * 1e-9;
      long after = THREADS.getThreadAllocatedBytes(thread);
      return (after - before) / (bytes / 1448);
    }
  }
}
