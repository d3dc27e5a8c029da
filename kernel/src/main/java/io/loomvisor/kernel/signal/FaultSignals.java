package io.loomvisor.kernel.signal;

import io.loomvisor.kernel.jfr.PageFaultEvent;
import io.loomvisor.platform.Exit;
import io.loomvisor.scheduler.jfr.Recording;
import io.loomvisor.task.Task;
import io.loomvisor.task.memory.FaultOutcome;
import io.loomvisor.task.memory.MemoryManager;
import io.loomvisor.task.memory.MemoryManager.CountedFault;
import io.loomvisor.task.signal.Signal;
import io.loomvisor.task.signal.SignalInfo;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which signal an exception of the application becomes (arch/x86/kernel/traps.c,
 * arch/x86/mm/fault.c).
 */
public final class FaultSignals {
  private static final Logger LOG = LoggerFactory.getLogger(FaultSignals.class);
  private static final int VECTOR_PAGE_FAULT = 14;

  private FaultSignals() {}

  /** A page fault: resolved, or a signal. */
  public static void pageFault(Task task, Exit.PageFault f) {
    FaultOutcome outcome =
        Recording.POSSIBLE
            ? resolveRecorded(task, f)
            : task.memoryManager().fault(f.address(), f.write(), f.execute());
    if (outcome == FaultOutcome.RESOLVED) {
      return;
    }
    long code = (f.present() ? 1 : 0) | (f.write() ? 2 : 0) | 4 | (f.execute() ? 16 : 0);
    task.signals().setTrap(VECTOR_PAGE_FAULT, code, f.address());
    switch (outcome) {
      case RESOLVED -> {}
      case NOT_MAPPED ->
          force(task, SignalInfo.fault(Signal.SIGSEGV, SignalInfo.SEGV_MAPERR, f.address()));
      case NOT_PERMITTED ->
          force(task, SignalInfo.fault(Signal.SIGSEGV, SignalInfo.SEGV_ACCERR, f.address()));
      case NO_PAGE ->
          force(task, SignalInfo.fault(Signal.SIGBUS, SignalInfo.BUS_ADRERR, f.address()));
      case OUT_OF_MEMORY -> {
        if (!task.services().outOfMemory(task, 0)) {
          task.group().exit(Signal.SIGKILL);
        }
      }
    }
  }

  private static FaultOutcome resolveRecorded(Task task, Exit.PageFault f) {
    PageFaultEvent event = new PageFaultEvent();
    event.begin();
    MemoryManager memory = task.memoryManager();
    CountedFault fault = memory.countedFault(f.address(), f.write(), f.execute());
    event.finish(task, f, fault.outcome(), fault.pages());
    return fault.outcome();
  }

  /** Any other exception. */
  public static void fault(Task task, Exit.Fault f) {
    task.signals().setTrap(f.vector(), f.code(), 0);
    long rip = task.registers().rip;
    SignalInfo info =
        switch (f.vector()) {
          case 0 -> SignalInfo.fault(Signal.SIGFPE, SignalInfo.FPE_INTDIV, rip);
          case 1 -> SignalInfo.fault(Signal.SIGTRAP, SignalInfo.TRAP_TRACE, rip);
          case 3 -> SignalInfo.kernel(Signal.SIGTRAP);
          case 6 -> SignalInfo.fault(Signal.SIGILL, SignalInfo.ILL_ILLOPN, rip);
          case 11, 12 -> SignalInfo.kernel(Signal.SIGBUS);
          case 16 -> SignalInfo.fault(Signal.SIGFPE, x87Code(task), rip);
          case 17 -> SignalInfo.fault(Signal.SIGBUS, SignalInfo.BUS_ADRALN, 0);
          case 19 -> SignalInfo.fault(Signal.SIGFPE, sseCode(task), rip);
          default -> SignalInfo.kernel(Signal.SIGSEGV);
        };
    force(task, info);
  }

  private static void force(Task task, SignalInfo info) {
    if (LOG.isDebugEnabled()) {
      LOG.debug(
          "{}: signal {} at address {}, rip {} rsp {}",
          task,
          info.signal(),
          Long.toHexString(info.address()),
          Long.toHexString(task.registers().rip),
          Long.toHexString(task.registers().rsp));
    }
    task.group().force(task, info);
  }

  /** Unmasked x87 exceptions: status word at 2, control word at 0 of the FXSAVE area. */
  private static int x87Code(Task task) {
    byte[] fpu = task.context().readFpu();
    int control = fpu[0] & 0x3f;
    int status = fpu[2] & 0x3f;
    return floatCode(status & ~control);
  }

  /** Unmasked SSE exceptions: flags in bits 0 to 5 of MXCSR (at 24), masks in bits 7 to 12. */
  private static int sseCode(Task task) {
    byte[] fpu = task.context().readFpu();
    int mxcsr = fpu[24] & 0xff | (fpu[25] & 0xff) << 8;
    return floatCode(mxcsr & 0x3f & ~(mxcsr >> 7));
  }

  private static int floatCode(int raised) {
    if ((raised & 1) != 0) {
      return SignalInfo.FPE_FLTINV;
    }
    if ((raised & 4) != 0) {
      return SignalInfo.FPE_FLTDIV;
    }
    if ((raised & 8) != 0) {
      return SignalInfo.FPE_FLTOVF;
    }
    if ((raised & 0x12) != 0) {
      return SignalInfo.FPE_FLTUND;
    }
    return (raised & 0x20) != 0 ? SignalInfo.FPE_FLTRES : 0;
  }
}
