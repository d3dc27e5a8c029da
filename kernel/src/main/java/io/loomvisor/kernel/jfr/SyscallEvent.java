package io.loomvisor.kernel.jfr;

import io.loomvisor.kernel.syscall.SyscallNumber;
import io.loomvisor.task.Task;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Threshold;

/** A system call, from its start until its result was there. */
@Name("io.loomvisor.Syscall")
@Label("System Call")
@Category({"Loomvisor", "Kernel"})
@Description("A system call, from its start until its result was there")
@Threshold("100 us")
@StackTrace(false)
public final class SyscallEvent extends TaskEvent {
  @Label("Name")
  public String name;

  @Label("Command")
  public String command;

  @Label("Result")
  @Description("As in RAX: an errno if negative")
  public long result;

  /** The call has been served; {@link #begin} was called before. */
  public void finish(Task who, int number, long value) {
    end();
    if (shouldCommit()) {
      SyscallNumber known = SyscallNumber.of(number);
      name = known == null ? "syscall_" + Integer.toUnsignedString(number) : known.linuxName();
      by(who);
      command = who.name();
      result = value;
      commit();
    }
  }
}
