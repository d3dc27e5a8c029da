package io.loomvisor.kernel.debug;

import io.loomvisor.kernel.syscall.SyscallNumber;
import io.loomvisor.task.CallCounts;
import io.loomvisor.task.Task;
import io.loomvisor.task.process.ProcessTree;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * One task as it is now.
 *
 * @param state as in /proc/PID/stat: R, S, D while it waits for nothing that it could be woken from
 *     by a signal (its thread is parked, but not in a sleep of the task's), T
 * @param call the name of the system call that it is in; null for none
 * @param place where in the sentry its thread waits; null if it does not wait
 * @param stack of its thread, the innermost frame first
 */
public record TaskDump(
    int tid,
    int pid,
    int parent,
    String command,
    char state,
    String call,
    String place,
    long userNanos,
    long systemNanos,
    StackTraceElement[] stack) {

  /** Frames of these are not where a task waits but how. */
  private static final List<String> HOW =
      List.of(
          "java.",
          "jdk.",
          "io.loomvisor.scheduler.",
          "io.loomvisor.kernel.block.",
          Task.class.getName() + ".");

  /** All, by their ids. */
  public static List<TaskDump> all(ProcessTree processes) {
    return processes.allTasks().stream()
        .filter(t -> !t.ended())
        .sorted(Comparator.comparingInt(Task::threadId))
        .map(t -> of(t, processes))
        .toList();
  }

  private static TaskDump of(Task task, ProcessTree processes) {
    Thread thread = task.sleeper().owner();
    StackTraceElement[] stack = thread == null ? new StackTraceElement[0] : thread.getStackTrace();
    boolean parked = thread != null && waits(thread.getState());
    int call = task.calls().current();
    return new TaskDump(
        task.threadId(),
        task.threadGroupId(),
        processes.parentOf(task.group()),
        task.name(),
        state(task, parked),
        call == CallCounts.NONE ? null : callName(call),
        parked ? place(stack) : null,
        task.cpuTime().user(),
        task.cpuTime().system(),
        stack);
  }

  private static boolean waits(Thread.State state) {
    return switch (state) {
      case BLOCKED, WAITING, TIMED_WAITING -> true;
      case NEW, RUNNABLE, TERMINATED -> false;
    };
  }

  private static char state(Task task, boolean parked) {
    if (task.group().stopped()) {
      return 'T';
    }
    if (task.blocked()) {
      return 'S';
    }
    return parked ? 'D' : 'R';
  }

  /** As /proc/PID/wchan: the function that sleeps. */
  private static String place(StackTraceElement[] stack) {
    return Arrays.stream(stack)
        .filter(f -> HOW.stream().noneMatch((f.getClassName() + ".")::startsWith))
        .findFirst()
        .map(TaskDump::shortName)
        .orElse(stack.length == 0 ? null : "run loop");
  }

  private static String shortName(StackTraceElement frame) {
    String owner = frame.getClassName();
    return owner.substring(owner.lastIndexOf('.') + 1) + "." + frame.getMethodName();
  }

  /** The Linux name of a call, as {@link CallCounts} numbers it. */
  static String callName(int number) {
    SyscallNumber known = SyscallNumber.of(number);
    return known != null
        ? known.linuxName()
        : number == CallCounts.OTHER ? "unknown" : "syscall_" + number;
  }
}
