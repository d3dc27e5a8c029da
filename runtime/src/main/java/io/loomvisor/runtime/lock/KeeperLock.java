package io.loomvisor.runtime.lock;

import io.loomvisor.runtime.host.Confinement;
import io.loomvisor.runtime.seccomp.FilterProgram;
import io.loomvisor.runtime.seccomp.KeeperSyscall;
import io.loomvisor.runtime.seccomp.Verdict;
import java.io.IOException;

/**
 * Locks the network keeper in: an empty root, no new privileges, and a filter that allows what the
 * sentry's does and sockets. It stays root, with capabilities that the filter leaves no use for but
 * those over its network namespace.
 */
public final class KeeperLock {
  private KeeperLock() {}

  public static void engage() throws IOException {
    Preload.run();
    var filter = FilterProgram.of(KeeperSyscall.rules(Confinement.pid()), Verdict.KILL);
    EmptyRoot.enter();
    Confinement.forbidPrivileges();
    Confinement.install(filter);
  }
}
