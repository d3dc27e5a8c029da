package io.loomvisor.kernel.syscall.aio;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.kernel.aio.AioContext;
import io.loomvisor.kernel.aio.AioContexts;
import io.loomvisor.kernel.aio.ReadinessRequest;
import io.loomvisor.kernel.block.WaitSet;
import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallNumber;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.kernel.time.TimeSpec;
import io.loomvisor.scheduler.wait.Sleeper;
import io.loomvisor.task.Task;
import io.loomvisor.task.memory.MemoryFlags;
import io.loomvisor.task.memory.MemoryManager;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** io_setup(2), io_destroy(2), io_submit(2), io_getevents(2), io_pgetevents(2), io_cancel(2). */
public final class AioCalls {
  private static final int EVENT_SIZE = 32;
  private static final int PAGE_SIZE = 4096;
  private static final int SIGSET_SIZE = 8;

  private final AioContexts contexts = new AioContexts();

  public void register(SyscallTable.Builder b) {
    b.full(SyscallNumber.IO_SETUP, this::setup);
    b.full(SyscallNumber.IO_DESTROY, this::destroy);
    b.full(SyscallNumber.IO_SUBMIT, this::submit);
    b.full(SyscallNumber.IO_GETEVENTS, (t, a) -> getEvents(t, a));
    b.full(SyscallNumber.IO_PGETEVENTS, this::pgetEvents);
    b.full(SyscallNumber.IO_CANCEL, this::cancel);
  }

  private long setup(Task task, SyscallArguments a) {
    int capacity = a.getInt(0);
    if (task.memory().getLong(a.get(1)) != 0 || capacity == 0) {
      throw Errno.EINVAL.exception();
    }
    if (capacity < 0) {
      throw Errno.EINVAL.exception();
    }
    if (AioContexts.tooMany(capacity)) {
      throw capacity > 0x10000000 / EVENT_SIZE
          ? Errno.EINVAL.exception()
          : Errno.EAGAIN.exception();
    }
    MemoryManager memory = task.memoryManager();
    long id =
        memory.mmap(
            0,
            PAGE_SIZE,
            MemoryFlags.PROT_READ | MemoryFlags.PROT_WRITE,
            MemoryFlags.MAP_PRIVATE | MemoryFlags.MAP_ANONYMOUS,
            null,
            0);
    boolean made = false;
    try {
      contexts.create(memory, id, capacity);
      task.memory().putLong(a.get(1), id);
      made = true;
    } finally {
      if (!made) {
        contexts.remove(memory, id);
        memory.munmap(id, PAGE_SIZE);
      }
    }
    return 0;
  }

  private long destroy(Task task, SyscallArguments a) {
    if (!contexts.remove(task.memoryManager(), a.get(0))) {
      throw Errno.EINVAL.exception();
    }
    task.memoryManager().munmap(a.get(0), PAGE_SIZE);
    return 0;
  }

  /** How many were submitted; the error of the first if there was none before it. */
  private long submit(Task task, SyscallArguments a) {
    long count = a.get(1);
    if (count < 0) {
      throw Errno.EINVAL.exception();
    }
    AioContext context = contexts.get(task.memoryManager(), a.get(0));
    long done = 0;
    try {
      while (done < count) {
        Submission.submit(task, context, task.memory().getLong(a.get(2) + done * Long.BYTES));
        done++;
      }
    } catch (LinuxException e) {
      if (done == 0) {
        throw e;
      }
    }
    return done;
  }

  private long getEvents(Task task, SyscallArguments a) {
    long deadline = Sleeper.FOREVER;
    if (a.get(4) != 0) {
      deadline =
          TimeSpec.deadline(System.nanoTime(), TimeSpec.readTimespec(task.memory(), a.get(4)));
    }
    AioContext context = contexts.get(task.memoryManager(), a.get(0));
    long least = a.get(1);
    long most = a.get(2);
    if (least < 0 || least > most) {
      throw Errno.EINVAL.exception();
    }
    return collect(task, context, least, most, a.get(3), deadline);
  }

  /** With a mask of signals for the time of the wait. */
  private long pgetEvents(Task task, SyscallArguments a) {
    if (a.get(5) != 0) {
      ByteBuffer b =
          ByteBuffer.wrap(task.memory().copyIn(a.get(5), 16)).order(ByteOrder.LITTLE_ENDIAN);
      if (b.getLong(0) != 0) {
        if (b.getLong(8) != SIGSET_SIZE) {
          throw Errno.EINVAL.exception();
        }
        task.signals().setTemporaryMask(task.memory().getLong(b.getLong(0)));
        if (task.group().needsAttention(task)) {
          task.interrupt();
        }
      }
    }
    return getEvents(task, a);
  }

  private static long collect(
      Task task, AioContext context, long least, long most, long address, long deadline) {
    long done = take(task, context, most, address, 0);
    if (done >= least) {
      return done;
    }
    try (WaitSet waits = new WaitSet(task)) {
      waits.add(context.arrivals(), -1);
      for (; ; ) {
        waits.arm();
        // Asked before the events are taken: what arrived before the end is not left behind.
        boolean closed = context.closed();
        done += take(task, context, most, address, done);
        if (done >= least) {
          return done;
        }
        if (closed) { // by another thread: what has been collected counts
          if (done == 0) {
            throw Errno.EINVAL.exception();
          }
          return done;
        }
        switch (waits.sleep(deadline)) {
          case READY -> {}
          case TIMED_OUT -> {
            return done;
          }
          case INTERRUPTED -> {
            if (done == 0) {
              throw Errno.EINTR.exception();
            }
            return done;
          }
        }
      }
    }
  }

  private static long take(Task task, AioContext context, long most, long address, long already) {
    int room = (int) Math.min(most - already, PAGE_SIZE);
    List<AioContext.Event> events = context.take(room);
    if (events.isEmpty()) {
      return 0;
    }
    ByteBuffer b = ByteBuffer.allocate(events.size() * EVENT_SIZE).order(ByteOrder.LITTLE_ENDIAN);
    for (AioContext.Event e : events) {
      b.putLong(e.data()).putLong(e.request()).putLong(e.result()).putLong(0);
    }
    task.memory().copyOut(address + already * EVENT_SIZE, b.array());
    return events.size();
  }

  /** Only what waits for readiness can be cancelled; its event comes as ever. */
  private long cancel(Task task, SyscallArguments a) {
    if (task.memory().getInt(a.get(1) + 8) != 0) {
      throw Errno.EINVAL.exception();
    }
    AioContext context = contexts.get(task.memoryManager(), a.get(0));
    ReadinessRequest request = context.waitingAt(a.get(1));
    if (request == null || !request.cancel()) {
      throw Errno.EINVAL.exception();
    }
    throw Errno.EINPROGRESS.exception();
  }
}
