package io.loomvisor.kernel.aio;

import io.loomvisor.scheduler.carrier.TaskThreads;
import io.loomvisor.scheduler.wait.WaitEntry;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.PollEvents;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongConsumer;

/**
 * IOCB_CMD_POLL: completes once, when the file is ready. Holds a reference to the file until then.
 */
public final class ReadinessRequest {
  private final AioContext context;
  private final FileDescription file;
  private final int wanted;
  private final long address;
  private final LongConsumer completion;
  private final AtomicBoolean done = new AtomicBoolean();
  private final WaitEntry entry = this::notified;

  /**
   * @param file one reference is taken over
   * @param address of the struct iocb
   * @param completion told the events; on any thread, with no actor held
   */
  public ReadinessRequest(
      AioContext context, FileDescription file, int events, long address, LongConsumer completion) {
    this.context = context;
    this.file = file;
    this.wanted = events | PollEvents.POLLERR | PollEvents.POLLHUP;
    this.address = address;
    this.completion = completion;
  }

  long address() {
    return address;
  }

  /** Begins to wait; completes at once if the file is ready. */
  public void start() {
    context.enter(this);
    if (file.waitQueue() != null) {
      file.waitQueue().register(entry, wanted);
    }
    int ready = file.readiness(wanted);
    if (ready != 0 && done.compareAndSet(false, true)) {
      finish(ready);
    }
  }

  /** Whoever notifies may hold actors, so the file is asked on a thread of its own. */
  private void notified(int events) {
    if (!done.get()) {
      TaskThreads.start(this::look);
    }
  }

  private void look() {
    if (file.tryRetain()) {
      int ready;
      try {
        ready = file.readiness(wanted | PollEvents.POLLRDNORM | PollEvents.POLLWRNORM);
      } finally {
        file.release();
      }
      if ((ready & wanted) != 0 && done.compareAndSet(false, true)) {
        finish(ready);
      }
    }
  }

  /** io_cancel(2): false if it has completed. */
  public boolean cancel() {
    boolean first = done.compareAndSet(false, true);
    if (first) {
      finish(0);
    }
    return first;
  }

  /** Nobody waits for it any more. */
  void abandon() {
    if (done.compareAndSet(false, true)) {
      giveBack();
    }
  }

  private void finish(int events) {
    giveBack();
    completion.accept(events);
  }

  private void giveBack() {
    context.leave(this);
    if (file.waitQueue() != null) {
      file.waitQueue().unregister(entry);
    }
    file.release();
  }
}
