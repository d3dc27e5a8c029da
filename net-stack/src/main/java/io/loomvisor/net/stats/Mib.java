package io.loomvisor.net.stats;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/**
 * The counters of one stack. Any thread may count and read; reads are not a snapshot across
 * counters.
 */
public final class Mib {
  private final LongAdder[] counters = new LongAdder[Counter.values().length];

  public Mib() {
    for (int i = 0; i < counters.length; i++) {
      counters[i] = new LongAdder();
    }
  }

  public void count(Counter c) {
    counters[c.ordinal()].increment();
  }

  public void add(Counter c, long n) {
    counters[c.ordinal()].add(n);
  }

  public long get(Counter c) {
    return counters[c.ordinal()].sum();
  }

  /** All counters of one group ("Ip", "Tcp", "TcpExt", …) in declaration order. */
  public Map<String, Long> group(String name) {
    Map<String, Long> out = new LinkedHashMap<>();
    for (Counter c : Counter.values()) {
      if (c.group().equals(name)) {
        out.put(c.shortName(), get(c));
      }
    }
    return out;
  }
}
