package io.loomvisor.kernel.syscall.aio;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.kernel.aio.AioContext;
import io.loomvisor.kernel.aio.ReadinessRequest;
import io.loomvisor.kernel.block.Blocking;
import io.loomvisor.kernel.signal.SignalDelivery;
import io.loomvisor.kernel.syscall.OpenFile;
import io.loomvisor.kernel.syscall.file.Writing;
import io.loomvisor.task.Task;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.event.EventCounter;
import io.loomvisor.vfs.io.HeapBuffer;
import io.loomvisor.vfs.io.IoSource;
import io.loomvisor.vfs.io.IoTarget;
import java.util.function.LongSupplier;

/**
 * Carries one request out (fs/aio.c: io_submit_one). What is wrong with the request itself is an
 * error of io_submit; what goes wrong while it is done is the event's result.
 */
final class Submission {
  private static final long ONE = 1;
  private static final int RWF_ALL = 0x1f;

  private final Task task;
  private final AioContext context;
  private final ControlBlock request;

  /** The eventfd to be told, with a reference; null for none. */
  private EventCounter listener;

  private Submission(Task task, AioContext context, ControlBlock request) {
    this.task = task;
    this.context = context;
    this.request = request;
  }

  static void submit(Task task, AioContext context, long address) {
    ControlBlock request = ControlBlock.read(task, address);
    context.reserve();
    Submission s = new Submission(task, context, request);
    boolean accepted = false;
    try {
      s.run();
      accepted = true;
    } finally {
      if (!accepted) {
        s.dropListener();
        context.cancelReservation();
      }
    }
  }

  private void run() {
    try (OpenFile file = OpenFile.of(task, request.fd())) {
      if (request.has(ControlBlock.FLAG_RESFD)) {
        listener = listener();
      }
      task.memory().putInt(request.address() + 8, 0); // KIOCB_KEY
      FileDescription d = file.description();
      switch (request.opcode()) {
        case ControlBlock.PREAD, ControlBlock.PREADV -> read(d);
        case ControlBlock.PWRITE, ControlBlock.PWRITEV -> write(d);
        case ControlBlock.FSYNC -> sync(d, false);
        case ControlBlock.FDSYNC -> sync(d, true);
        case ControlBlock.POLL -> poll(d);
        default -> throw Errno.EINVAL.exception();
      }
    }
  }

  private EventCounter listener() {
    FileDescription d = task.descriptors().get(request.eventFd());
    if (d instanceof EventCounter counter) {
      return counter;
    }
    d.release();
    throw Errno.EINVAL.exception();
  }

  private void read(FileDescription d) {
    if (!d.readable()) {
      throw Errno.EBADF.exception();
    }
    checkPosition();
    IoTarget target =
        request.opcode() == ControlBlock.PREADV
            ? task.memory().targetVector(request.buffer(), vectorCount())
            : task.memory().target(request.buffer(), request.length());
    finish(() -> Blocking.run(task, d, Blocking.READ, () -> d.pread(target, request.offset())));
  }

  private void write(FileDescription d) {
    if (!d.writable()) {
      throw Errno.EBADF.exception();
    }
    checkPosition();
    IoSource source =
        request.opcode() == ControlBlock.PWRITEV
            ? task.memory().sourceVector(request.buffer(), vectorCount())
            : task.memory().source(request.buffer(), request.length());
    finish(() -> Writing.write(task, d, source, request.offset(), false));
  }

  private void checkPosition() {
    if ((request.rwFlags() & ~RWF_ALL) != 0) {
      throw Errno.EOPNOTSUPP.exception();
    }
    if (request.offset() < 0 || request.offset() + request.length() < 0) {
      throw Errno.EINVAL.exception();
    }
  }

  private int vectorCount() {
    if (request.length() > Integer.MAX_VALUE) {
      throw Errno.EINVAL.exception();
    }
    return (int) request.length();
  }

  private void sync(FileDescription d, boolean dataOnly) {
    if (request.buffer() != 0
        || request.offset() != 0
        || request.length() != 0
        || request.rwFlags() != 0) {
      throw Errno.EINVAL.exception();
    }
    finish(
        () -> {
          d.fsync(dataOnly);
          return 0;
        });
  }

  private void poll(FileDescription d) {
    if ((int) request.buffer() >>> 16 != 0
        || request.offset() != 0
        || request.length() != 0
        || request.rwFlags() != 0) {
      throw Errno.EINVAL.exception();
    }
    if (!d.tryRetain()) {
      throw Errno.EBADF.exception();
    }
    new ReadinessRequest(context, d, (int) request.buffer(), request.address(), this::complete)
        .start();
  }

  private void finish(LongSupplier operation) {
    long result;
    try {
      result = operation.getAsLong();
    } catch (LinuxException e) {
      long error = e.errno().result();
      result = SignalDelivery.isRestart(error) ? Errno.EINTR.result() : error;
    }
    complete(result);
  }

  private void complete(long result) {
    context.complete(new AioContext.Event(request.data(), request.address(), result));
    if (listener != null) {
      tell(listener);
      dropListener();
    }
  }

  private static void tell(EventCounter counter) {
    byte[] one = new byte[Long.BYTES];
    one[0] = (byte) ONE;
    try {
      counter.write(HeapBuffer.wrap(one));
    } catch (LinuxException e) {
      // EAGAIN: the counter is at its end; whoever reads it has been told often enough.
      assert e.errno() == Errno.EAGAIN;
    }
  }

  private void dropListener() {
    if (listener != null) {
      listener.release();
      listener = null;
    }
  }
}
