package io.loomvisor.vfs.proc;

import io.loomvisor.vfs.Credentials;
import io.loomvisor.vfs.synthetic.TextBuffer;

/** /proc/PID/stat and statm; the numbers beside the lines are the fields of proc_pid_stat(5). */
final class TaskStatText {
  private static final int PAGE = 4096;
  private static final int RLIMIT_RSS = 5;
  private static final MemoryStatus.Bounds NO_BOUNDS =
      new MemoryStatus.Bounds(0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

  private TaskStatText() {}

  static String stat(TaskScope scope, Credentials reader) {
    TaskStatus t = scope.view().status();
    boolean permitted = scope.mayInspect(reader);
    TextBuffer out = new TextBuffer();
    identity(out, t);
    usage(out, t, scope.thread() ? t.thread() : t.group());
    schedule(out, t);
    memory(out, scope.view(), permitted);
    signals(out, t);
    tail(out, scope.view(), t, permitted);
    return out.newline().toString();
  }

  /** Fields 1 to 9. */
  private static void identity(TextBuffer out, TaskStatus t) {
    TaskStatus.Identity id = t.identity();
    out.add(id.tid()).add(" (").add(t.name()).add(") ").add(t.state());
    next(
        out,
        id.parent(),
        id.processGroup(),
        id.session(),
        t.terminal().device(),
        t.terminal().foregroundGroup());
    out.add(' ').unsigned(Integer.toUnsignedLong(t.flags()));
  }

  /** Fields 10 to 17: faults and times, own and of reaped children. */
  private static void usage(TextBuffer out, TaskStatus t, TaskStatus.Use own) {
    TaskStatus.Use children = t.reapedChildren();
    next(out, own.minorFaults(), children.minorFaults(), own.majorFaults(), children.majorFaults());
    next(out, ProcContext.ticks(own.userNanos()), ProcContext.ticks(own.systemNanos()));
    next(out, ProcContext.ticks(children.userNanos()), ProcContext.ticks(children.systemNanos()));
  }

  /** Fields 18 to 22: priority, nice, threads, itrealvalue, start time. */
  private static void schedule(TextBuffer out, TaskStatus t) {
    next(
        out,
        priority(t.scheduling()),
        t.scheduling().nice(),
        t.threads(),
        0,
        ProcContext.ticks(t.startNanos()));
  }

  /** The kernel's priority as shown: 0 to 39 for ordinary tasks, -2 to -100 for real-time ones. */
  static int priority(TaskStatus.Scheduling s) {
    boolean realTime = s.policy() == 1 || s.policy() == 2;
    return realTime ? -1 - s.realTimePriority() : 20 + s.nice();
  }

  /** Fields 23 to 30: sizes, limit, code, stack, ESP and EIP (0 unless it is exiting). */
  private static void memory(TextBuffer out, ProcessView view, boolean permitted) {
    MemoryStatus m = view.memory();
    next(out, m == null ? 0 : m.virtual(), m == null ? 0 : m.resident() / PAGE);
    out.add(' ').unsigned(view.limit(RLIMIT_RSS).soft());
    MemoryStatus.Bounds b = m == null ? NO_BOUNDS : m.bounds();
    long hidden = m == null ? 0 : 1;
    next(
        out,
        permitted ? b.codeStart() : hidden,
        permitted ? b.codeEnd() : hidden,
        permitted ? b.stackStart() : 0,
        0,
        0);
  }

  /** Fields 31 to 34 (the low 31 bits of the sets, as ever), 35 to 37: wchan and swap. */
  private static void signals(TextBuffer out, TaskStatus t) {
    TaskStatus.Signals s = t.signals();
    long mask = 0x7FFF_FFFFL;
    next(
        out,
        s.threadPending() & mask,
        s.blocked() & mask,
        s.ignored() & mask,
        s.caught() & mask,
        0,
        0,
        0);
  }

  /** Fields 38 to 52. */
  private static void tail(TextBuffer out, ProcessView view, TaskStatus t, boolean permitted) {
    TaskStatus.Scheduling s = t.scheduling();
    next(out, t.exitSignal(), s.processor(), s.realTimePriority(), s.policy(), 0, 0, 0);
    MemoryStatus m = view.memory();
    MemoryStatus.Bounds b = m == null || !permitted ? NO_BOUNDS : m.bounds();
    next(out, b.dataStart(), b.dataEnd(), b.brkStart());
    next(out, b.argumentsStart(), b.argumentsEnd(), b.environmentStart(), b.environmentEnd());
    next(out, permitted ? t.exitCode() : 0);
  }

  private static void next(TextBuffer out, long... fields) {
    for (long f : fields) {
      out.add(' ').add(f);
    }
  }

  /** Pages: size, resident, shared, text, lib (0), data with stack, dirty (0). */
  static String statm(ProcessView view) {
    MemoryStatus m = view.memory();
    if (m == null) {
      return "0 0 0 0 0 0 0\n";
    }
    return new TextBuffer()
        .add(m.virtual() / PAGE)
        .add(' ')
        .add(m.resident() / PAGE)
        .add(' ')
        .add((m.residentFile() + m.residentShared()) / PAGE)
        .add(' ')
        .add(m.text() / PAGE)
        .add(" 0 ")
        .add((m.data() + m.stack()) / PAGE)
        .add(" 0\n")
        .toString();
  }
}
