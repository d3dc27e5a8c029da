package io.loomvisor.kernel.syscall.ptrace;

import java.util.HashMap;
import java.util.Map;

/** The requests of ptrace(2) that are served (linux/ptrace.h, asm/ptrace-abi.h). */
enum PtraceRequest {
  TRACEME(0),
  PEEKTEXT(1),
  PEEKDATA(2),
  PEEKUSER(3),
  POKETEXT(4),
  POKEDATA(5),
  POKEUSER(6),
  CONT(7),
  KILL(8),
  SINGLESTEP(9),
  GETREGS(12),
  SETREGS(13),
  GETFPREGS(14),
  SETFPREGS(15),
  ATTACH(16),
  DETACH(17),
  SYSCALL(24),
  SETOPTIONS(0x4200),
  GETEVENTMSG(0x4201),
  GETSIGINFO(0x4202),
  SETSIGINFO(0x4203),
  GETREGSET(0x4204),
  SETREGSET(0x4205),
  SEIZE(0x4206),
  INTERRUPT(0x4207),
  LISTEN(0x4208),
  PEEKSIGINFO(0x4209),
  GETSIGMASK(0x420a),
  SETSIGMASK(0x420b),
  GET_SYSCALL_INFO(0x420e);

  private static final Map<Long, PtraceRequest> BY_NUMBER = new HashMap<>();

  static {
    for (PtraceRequest r : values()) {
      BY_NUMBER.put(r.number, r);
    }
  }

  private final long number;

  PtraceRequest(long number) {
    this.number = number;
  }

  /** Null if it is unknown. */
  static PtraceRequest of(long number) {
    return BY_NUMBER.get(number);
  }
}
