package io.loomvisor.runtime.lock;

import io.loomvisor.runtime.host.Confinement;
import io.loomvisor.runtime.seccomp.FilterProgram;
import io.loomvisor.runtime.seccomp.SocketGoferSyscall;
import io.loomvisor.runtime.seccomp.Verdict;
import java.io.IOException;

/**
 * Locks a socket gofer in: no new privileges, and a filter that allows what the sentry's does and
 * sockets of two families. Its capabilities and its root directory are its starter's matter.
 */
public final class SocketGoferLock {
  private SocketGoferLock() {}

  /** First uses of what needs files. */
  public static void prepare() {
    Preload.run();
    FilterProgram.of(SocketGoferSyscall.rules(Confinement.pid()), Verdict.KILL);
  }

  public static void engage() throws IOException {
    var filter = FilterProgram.of(SocketGoferSyscall.rules(Confinement.pid()), Verdict.KILL);
    Confinement.forbidPrivileges();
    Confinement.install(filter);
  }

  /**
   * Moves everybody in the calling thread's mount namespace to an empty root directory: the thread
   * and the gofer that it has started.
   */
  public static void emptyRoot() throws IOException {
    OwnMounts.begin("size=4k,nr_inodes=1,mode=555");
    OwnMounts.enter();
  }
}
