package io.loomvisor.kernel.syscall.admin;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallNumber;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.task.Task;
import io.loomvisor.task.UtsName;
import io.loomvisor.vfs.Credentials;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** sethostname(2) and setdomainname(2). */
public final class NameCalls {
  public void register(SyscallTable.Builder b) {
    b.full(SyscallNumber.SETHOSTNAME, (t, a) -> set(t, a, t.settings().uts()::setHostName));
    b.full(SyscallNumber.SETDOMAINNAME, (t, a) -> set(t, a, t.settings().uts()::setDomainName));
  }

  private static long set(Task task, SyscallArguments a, Consumer<String> name) {
    if (!task.credentials().has(Credentials.CAP_SYS_ADMIN)) {
      throw Errno.EPERM.exception();
    }
    int length = a.getInt(1);
    if (length < 0 || length > UtsName.MAX_LENGTH) {
      throw Errno.EINVAL.exception();
    }
    String given = new String(task.memory().copyIn(a.get(0), length), StandardCharsets.ISO_8859_1);
    int end = given.indexOf('\0');
    name.accept(end < 0 ? given : given.substring(0, end));
    return 0;
  }
}
