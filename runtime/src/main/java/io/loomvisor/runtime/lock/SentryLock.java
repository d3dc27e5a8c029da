package io.loomvisor.runtime.lock;

import io.loomvisor.platform.kvm.Polling;
import io.loomvisor.runtime.host.Apart;
import io.loomvisor.runtime.host.Capability;
import io.loomvisor.runtime.host.Confinement;
import io.loomvisor.runtime.host.HostIdentity;
import io.loomvisor.runtime.seccomp.BpfInstruction;
import io.loomvisor.runtime.seccomp.FilterProgram;
import io.loomvisor.runtime.seccomp.SentrySyscall;
import io.loomvisor.runtime.seccomp.Verdict;
import java.io.IOException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Locks the sentry in: an empty root, an unprivileged user, no capabilities, no new privileges,
 * limits, and a seccomp filter over all threads that kills the process at any syscall that {@link
 * SentrySyscall} does not list.
 *
 * <p>Namespaces are those that the launcher or the runtime verb started this process in. The order
 * matters: each step takes away a right that the steps before it needed.
 */
public final class SentryLock {
  private static final Logger LOG = LoggerFactory.getLogger(SentryLock.class);

  /** The user and group that own nothing, on every Linux the same (overflowuid). */
  private static final int NOBODY = 65534;

  // setrlimit(2).
  private static final int RLIMIT_CORE = 4;
  private static final int RLIMIT_MSGQUEUE = 12;
  private static final int RLIMIT_NICE = 13;
  private static final int RLIMIT_RTPRIO = 14;

  private final boolean mayChangeUser;
  private final int uid;
  private final List<BpfInstruction> filter;

  /** How many syscalls that lets through. */
  private final long allowed;

  private SentryLock(boolean mayChangeUser, int uid, List<BpfInstruction> filter, long allowed) {
    this.mayChangeUser = mayChangeUser;
    this.uid = uid;
    this.filter = filter;
    this.allowed = allowed;
  }

  /**
   * What can be done before the rest of the sentry is ready: first uses of what needs files, and
   * the filter.
   */
  public static SentryLock prepare() throws IOException {
    Preload.run();
    boolean mayChangeUser = Capability.CAP_SETUID.held() && Capability.CAP_SETGID.held();
    int uid = HostIdentity.current().uid();
    boolean polling = !Polling.configured().never();
    var filter = FilterProgram.of(SentrySyscall.rules(Confinement.pid(), polling), Verdict.KILL);
    return new SentryLock(mayChangeUser, uid, filter, SentrySyscall.allowed(polling));
  }

  /** Does it, for good. What the sentry has not opened by now it never will. */
  public void engage() throws IOException {
    LOG.info("Installing seccomp filters for {} syscalls", allowed);
    if (System.getenv("LOOMVISOR_TRAINING") != null) {
      train();
      return;
    }
    EmptyRoot.enter();
    for (int resource : new int[] {RLIMIT_CORE, RLIMIT_MSGQUEUE, RLIMIT_NICE, RLIMIT_RTPRIO}) {
      Confinement.limit(resource, 0);
    }
    if (mayChangeUser) {
      Confinement.become(NOBODY, NOBODY);
    } else {
      LOG.warn("Not started as root: the sentry stays user {}.", uid);
    }
    Confinement.forbidPrivileges();
    Confinement.install(filter);
  }

  /**
   * The AOT cache is written when the process ends, by another that it starts: only a thread that
   * is good for nothing else gets another root.
   */
  private static void train() throws IOException {
    if (Capability.CAP_SYS_ADMIN.held()) {
      Apart.run(
          () -> {
            Confinement.unshare(Confinement.CLONE_NEWNS);
            EmptyRoot.enter();
            return null;
          });
    }
  }
}
