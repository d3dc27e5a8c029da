package io.loomvisor.kernel.socket.filter;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.task.bpf.BpfProgram;
import io.loomvisor.task.bpf.BpfRules;
import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.socket.SocketAbi;
import io.loomvisor.vfs.socket.SocketOptions;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicReference;

/** The program that one socket has attached, and whether it is locked. Any thread. */
public final class SocketFilter {
  /** struct sock_fprog: unsigned short len, padding, pointer. */
  private static final int FPROG_SIZE = 16;

  private record State(BpfProgram program, boolean locked) {}

  private final AtomicReference<State> state = new AtomicReference<>(new State(null, false));

  /** Null for none. */
  public BpfProgram program() {
    return state.get().program;
  }

  public static boolean isOption(int option) {
    return option == SocketAbi.SO_ATTACH_FILTER
        || option == SocketAbi.SO_DETACH_FILTER
        || option == SocketAbi.SO_LOCK_FILTER;
  }

  /** setsockopt(2) of one of the options. */
  public void set(Caller caller, int option, byte[] value) {
    switch (option) {
      case SocketAbi.SO_ATTACH_FILTER -> {
        SocketOptions.numberIn(value);
        BpfProgram p = read(caller, value);
        replace(new State(p, false));
      }
      case SocketAbi.SO_DETACH_FILTER -> {
        SocketOptions.numberIn(value);
        if (replace(new State(null, false)).program == null) {
          throw Errno.ENOENT.exception();
        }
      }
      case SocketAbi.SO_LOCK_FILTER -> {
        boolean on = SocketOptions.numberIn(value) != 0;
        State before = state.getAndUpdate(s -> new State(s.program, s.locked || on));
        if (before.locked && !on) {
          throw Errno.EPERM.exception();
        }
      }
      default -> throw new AssertionError(option);
    }
  }

  private State replace(State next) {
    State before = state.getAndUpdate(s -> s.locked ? s : next);
    if (before.locked) {
      throw Errno.EPERM.exception();
    }
    return before;
  }

  /** EINVAL for what is no program (bpf_prog_create_from_user); EFAULT. */
  private static BpfProgram read(Caller caller, byte[] value) {
    if (value.length != FPROG_SIZE) {
      throw Errno.EINVAL.exception();
    }
    ByteBuffer b = ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN);
    int length = b.getShort(0) & 0xffff;
    long at = b.getLong(8);
    if (length == 0 || length > BpfProgram.MAX_LENGTH || at == 0) {
      throw Errno.EINVAL.exception();
    }
    byte[] code = new byte[length * BpfProgram.INSTRUCTION_SIZE];
    caller.copyIn(at, MemorySegment.ofArray(code));
    BpfProgram p =
        BpfProgram.of(BpfRules.PACKETS, ByteBuffer.wrap(code).order(ByteOrder.LITTLE_ENDIAN));
    if (p == null) {
      throw Errno.EINVAL.exception();
    }
    return p;
  }

  public byte[] locked() {
    return SocketOptions.word(state.get().locked ? 1 : 0);
  }

  /**
   * SO_GET_FILTER, whose lengths count instructions: stores the program if {@code room} is enough
   * for it.
   *
   * @return its length; EINVAL if there is less room, but for 0, which only asks
   */
  public int get(Caller caller, long address, int room) {
    BpfProgram p = program();
    if (p == null || room == 0) {
      return p == null ? 0 : p.length();
    }
    if (room < p.length()) {
      throw Errno.EINVAL.exception();
    }
    ByteBuffer b =
        ByteBuffer.allocate(p.length() * BpfProgram.INSTRUCTION_SIZE)
            .order(ByteOrder.LITTLE_ENDIAN);
    p.write(b);
    caller.copyOut(address, MemorySegment.ofArray(b.array()));
    return p.length();
  }
}
