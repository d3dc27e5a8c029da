package io.loomvisor.gofer.client;

import io.loomvisor.gofer.wire.Request;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** How many requests of each kind have been made and how long their replies took. Any thread. */
public final class RequestCounts {
  private record Sum(LongAdder count, LongAdder nanos) {}

  /**
   * Of one kind.
   *
   * @param nanos of all together
   */
  public record Count(long count, long nanos) {}

  private final Map<Class<?>, Sum> sums = new ConcurrentHashMap<>();

  RequestCounts() {}

  void add(Request request, long nanos) {
    Sum sum =
        sums.computeIfAbsent(request.getClass(), kind -> new Sum(new LongAdder(), new LongAdder()));
    sum.count.increment();
    sum.nanos.add(nanos);
  }

  /** By the names of the kinds. */
  public Map<String, Count> byKind() {
    Map<String, Count> all = new TreeMap<>();
    sums.forEach(
        (kind, sum) -> all.put(kind.getSimpleName(), new Count(sum.count.sum(), sum.nanos.sum())));
    return all;
  }
}
