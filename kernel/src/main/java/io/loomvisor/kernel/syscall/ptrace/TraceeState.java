package io.loomvisor.kernel.syscall.ptrace;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.kernel.signal.SigInfoLayout;
import io.loomvisor.task.Task;
import io.loomvisor.task.memory.MemoryManager;
import io.loomvisor.task.ptrace.Tracee;
import io.loomvisor.task.signal.SignalInfo;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/**
 * The requests that look at a tracee or change it, while it is held where it stands. Runs on the
 * tracer's thread. {@code tracer} is whose memory the results go to.
 */
final class TraceeState {
  private static final int WORD = 8;
  private static final int PEEKSIGINFO_ARGS_SIZE = 16;
  private static final int PEEKSIGINFO_SHARED = 1;

  private final RegisterSets sets;

  TraceeState(RegisterSets sets) {
    this.sets = sets;
  }

  long serve(PtraceRequest request, Task tracer, Tracee t, long address, long data) {
    switch (request) {
      case PEEKTEXT, PEEKDATA -> tracer.memory().putLong(data, peek(t, address));
      case POKETEXT, POKEDATA -> poke(t, address, data);
      case PEEKUSER -> tracer.memory().putLong(data, UserArea.peek(t, address));
      case POKEUSER -> UserArea.poke(t, address, data);
      case GETREGS -> tracer.memory().copyOut(data, UserRegisters.all(t));
      case SETREGS -> UserRegisters.setAll(t, tracer.memory().copyIn(data, UserRegisters.SIZE));
      case GETFPREGS -> tracer.memory().copyOut(data, RegisterSets.floatingPoint(t.task()));
      case SETFPREGS ->
          RegisterSets.setFloatingPoint(
              t.task(), tracer.memory().copyIn(data, sets.size(RegisterSets.NT_PRFPREG)));
      case GETREGSET -> getSet(tracer, t, address, data);
      case SETREGSET -> setSet(tracer, t, address, data);
      case GETEVENTMSG -> tracer.memory().putLong(data, t.message());
      case GETSIGINFO -> tracer.memory().copyOut(data, SigInfoLayout.encode(info(t)));
      case PEEKSIGINFO -> {
        return peekPending(tracer, t, address, data);
      }
      case GETSIGMASK -> {
        requireMaskSize(address);
        tracer.memory().putLong(data, t.task().signals().maskToReturnTo());
      }
      case SETSIGMASK -> {
        requireMaskSize(address);
        t.task().signals().setMask(tracer.memory().getLong(data));
      }
      case GET_SYSCALL_INFO -> {
        byte[] info = CallInfo.of(t);
        long wanted = Long.compareUnsigned(address, info.length) < 0 ? address : info.length;
        tracer.memory().copyOut(data, Arrays.copyOf(info, (int) wanted));
        return info.length;
      }
      default -> throw new AssertionError(request);
    }
    return 0;
  }

  private static void requireMaskSize(long size) {
    if (size != WORD) {
      throw Errno.EINVAL.exception();
    }
  }

  // ---------------------------------------------------------------- memory

  private static long peek(Tracee t, long address) {
    byte[] word = new byte[WORD];
    MemoryManager memory = t.task().memoryManager();
    if (memory.inspect(address, java.lang.foreign.MemorySegment.ofArray(word)) < WORD) {
      throw Errno.EIO.exception();
    }
    return ByteBuffer.wrap(word).order(ByteOrder.LITTLE_ENDIAN).getLong();
  }

  private static void poke(Tracee t, long address, long value) {
    byte[] word = ByteBuffer.allocate(WORD).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array();
    MemoryManager memory = t.task().memoryManager();
    if (memory.patch(address, java.lang.foreign.MemorySegment.ofArray(word)) < WORD) {
      throw Errno.EIO.exception();
    }
  }

  // ---------------------------------------------------------------- register sets

  /** {@code data} is an iovec, whose length becomes what there was. */
  private void getSet(Task tracer, Tracee t, long type, long data) {
    long base = tracer.memory().getLong(data);
    int length = length(tracer, type, data);
    tracer.memory().copyOut(base, Arrays.copyOf(sets.get(t, type), length));
    tracer.memory().putLong(data + WORD, length);
  }

  private void setSet(Task tracer, Tracee t, long type, long data) {
    long base = tracer.memory().getLong(data);
    int length = length(tracer, type, data);
    sets.set(t, type, tracer.memory().copyIn(base, length));
    tracer.memory().putLong(data + WORD, length);
  }

  private int length(Task tracer, long type, long iovec) {
    long given = tracer.memory().getLong(iovec + WORD);
    int size = sets.size(type);
    if ((given & WORD - 1) != 0) {
      throw Errno.EINVAL.exception();
    }
    return Long.compareUnsigned(given, size) < 0 ? (int) given : size;
  }

  // ---------------------------------------------------------------- signals

  /** EINVAL in a group-stop that has none. */
  private static SignalInfo info(Tracee t) {
    SignalInfo info = t.stop().info();
    if (info == null) {
      throw Errno.EINVAL.exception();
    }
    return info;
  }

  SignalInfo copyInInfo(Task tracer, long address) {
    byte[] bytes = tracer.memory().copyIn(address, SigInfoLayout.SIZE);
    int signal = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt();
    return SigInfoLayout.decodeAny(bytes, signal);
  }

  /** struct ptrace_peeksiginfo_args: off (8), flags (4), nr (4). */
  private static long peekPending(Task tracer, Tracee t, long address, long data) {
    ByteBuffer args =
        ByteBuffer.wrap(tracer.memory().copyIn(address, PEEKSIGINFO_ARGS_SIZE))
            .order(ByteOrder.LITTLE_ENDIAN);
    int flags = args.getInt(8);
    int count = args.getInt(12);
    if ((flags & ~PEEKSIGINFO_SHARED) != 0 || count < 0) {
      throw Errno.EINVAL.exception();
    }
    Task task = t.task();
    List<SignalInfo> queued = task.group().queued((flags & PEEKSIGINFO_SHARED) != 0 ? null : task);
    long offset = args.getLong(0);
    int done = 0;
    while (done < count && offset >= 0 && offset + done < queued.size()) {
      tracer
          .memory()
          .copyOut(
              data + (long) done * SigInfoLayout.SIZE,
              SigInfoLayout.encode(queued.get((int) offset + done)));
      done++;
    }
    return done;
  }
}
