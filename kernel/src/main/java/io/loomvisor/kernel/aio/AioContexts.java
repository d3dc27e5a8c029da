package io.loomvisor.kernel.aio;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.task.memory.MemoryManager;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Which contexts there are: each belongs to an address space and ends with it. Contexts are known
 * by the address of a page that is mapped for each; libaio looks for a ring of events there, finds
 * no magic number, and asks the kernel.
 */
public final class AioContexts {
  /** fs.aio-max-nr. */
  private static final int MAX_TOTAL = 65536;

  /** An address space stays in here from its first context to its end. */
  private final Map<MemoryManager, Map<Long, AioContext>> contexts = new ConcurrentHashMap<>();

  private final AtomicInteger total = new AtomicInteger();

  /** A new context for {@code capacity} requests; EAGAIN if all together would be too many. */
  public void create(MemoryManager memory, long id, int capacity) {
    if (total.addAndGet(capacity) > MAX_TOTAL) {
      total.addAndGet(-capacity);
      throw Errno.EAGAIN.exception();
    }
    contexts.computeIfAbsent(memory, this::newcomer).put(id, new AioContext(capacity));
  }

  private Map<Long, AioContext> newcomer(MemoryManager memory) {
    memory.onClose(() -> ended(memory));
    return new ConcurrentHashMap<>();
  }

  private void ended(MemoryManager memory) {
    for (long id : List.copyOf(contexts.get(memory).keySet())) {
      remove(memory, id);
    }
    contexts.remove(memory);
  }

  /** EINVAL if there is none. */
  public AioContext get(MemoryManager memory, long id) {
    AioContext context = contexts.getOrDefault(memory, Map.of()).get(id);
    if (context == null) {
      throw Errno.EINVAL.exception();
    }
    return context;
  }

  /** False if there is none. */
  public boolean remove(MemoryManager memory, long id) {
    Map<Long, AioContext> own = contexts.get(memory);
    AioContext context = own == null ? null : own.remove(id);
    if (context == null) {
      return false;
    }
    total.addAndGet(-context.capacity());
    context.close();
    return true;
  }

  /** Whether one more of that capacity would be too many, whatever else there is. */
  public static boolean tooMany(int capacity) {
    return capacity > MAX_TOTAL;
  }
}
