package io.loomvisor.task.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.task.signal.Signal;
import io.loomvisor.task.signal.SignalAction;
import io.loomvisor.task.signal.SignalInfo;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ProcessTreeTest {
  private static final WaitSelector ANY = new WaitSelector.AnyChild();

  private final ProcessTree tree = new ProcessTree(2);
  private ThreadGroup first;

  @BeforeEach
  void firstProcess() {
    first = new ThreadGroup(tree.allocatePid(), ResourceLimits.initial());
    tree.addFirst(first, null);
  }

  @Test
  void childrenInheritGroupAndSessionAndAreReapedOnce() {
    ThreadGroup child = child(first);
    assertEquals(2, child.processGroupId());
    assertEquals(2, child.sessionId());
    assertNull(tree.poll(first, ANY, WaitOptions.WEXITED));
    ResourceUsage usage = new ResourceUsage(10, 20, 4096, 1, 0, 2, 3);
    tree.exited(child, ChildEvent.exited(7), 0, usage);
    ChildEvent event = tree.poll(first, ANY, WaitOptions.WEXITED);
    assertEquals(new ChildEvent(child.id(), 0, SignalInfo.CLD_EXITED, 0x700, usage), event);
    assertErrno(Errno.ECHILD, () -> tree.poll(first, ANY, WaitOptions.WEXITED));
    assertEquals(usage, tree.childUsage(first));
  }

  @Test
  void noWaitLeavesTheZombie() {
    ThreadGroup child = child(first);
    tree.exited(child, Signal.SIGKILL, 0, ResourceUsage.NONE);
    int options = WaitOptions.WEXITED | WaitOptions.WNOWAIT;
    assertEquals(SignalInfo.CLD_KILLED, tree.poll(first, ANY, options).code());
    assertTrue(tree.isZombie(child));
    assertEquals(Signal.SIGKILL, tree.poll(first, ANY, WaitOptions.WEXITED).status());
  }

  @Test
  void orphansGoToTheSubreaperOrAreReapedByTheSandbox() {
    tree.setSubreaper(first, true);
    ThreadGroup middle = child(first);
    ThreadGroup orphan = child(middle);
    tree.exited(middle, 0, 0, ResourceUsage.NONE);
    assertEquals(first.id(), tree.parentOf(orphan));
    tree.setSubreaper(first, false);
    ThreadGroup other = child(first);
    ThreadGroup lost = child(other);
    tree.exited(other, 0, 0, ResourceUsage.NONE);
    assertEquals(0, tree.parentOf(lost));
    tree.exited(lost, 0, 0, ResourceUsage.NONE);
    assertNull(tree.group(lost.id()));
  }

  @Test
  void orphansGoToTheInitIfThereIsOne() {
    ProcessTree container = new ProcessTree(ProcessTree.INIT);
    ThreadGroup init = new ThreadGroup(container.allocatePid(), ResourceLimits.initial());
    container.addFirst(init, null);
    // A process that was started from outside has no parent; its orphans are the init's too.
    ThreadGroup executed = new ThreadGroup(container.allocatePid(), ResourceLimits.initial());
    container.addFirst(executed, null);
    assertEquals(0, container.parentOf(executed));
    ThreadGroup orphan = new ThreadGroup(container.allocatePid(), ResourceLimits.initial());
    container.add(orphan, executed, Signal.SIGCHLD, false);
    container.exited(executed, 0, 0, ResourceUsage.NONE);
    assertEquals(init.id(), container.parentOf(orphan));
    container.exited(orphan, ChildEvent.exited(3), 0, ResourceUsage.NONE);
    assertEquals(orphan.id(), container.poll(init, ANY, WaitOptions.WEXITED).pid());
  }

  /** pid_namespaces(7): only what it handles reaches an init, and the outside's SIGKILL. */
  @Test
  void anInitIsShielded() {
    SignalInfo term = SignalInfo.from(Signal.SIGTERM, SignalInfo.SI_USER, 5, 0, 0);
    assertFalse(first.shieldedFrom(term), "no init");
    first.becomeInit();
    assertTrue(first.shieldedFrom(term));
    assertTrue(first.shieldedFrom(SignalInfo.from(Signal.SIGKILL, SignalInfo.SI_USER, 5, 0, 0)));
    assertFalse(
        first.shieldedFrom(SignalInfo.from(Signal.SIGKILL, SignalInfo.SI_USER, 0, 0, 0)),
        "from outside");
    assertTrue(first.shieldedFrom(SignalInfo.kernel(Signal.SIGINT)), "a Ctrl-C");
    assertFalse(first.shieldedFrom(SignalInfo.fault(Signal.SIGSEGV, 1, 0)), "its own fault");
    first.setAction(Signal.SIGTERM, new SignalAction(0x1000, 0, 0, 0));
    assertFalse(first.shieldedFrom(term), "it has a handler");
  }

  @Test
  void sessionsAndGroupsFollowTheirRules() {
    ThreadGroup child = child(first);
    assertErrno(Errno.EPERM, () -> tree.createSession(first));
    assertEquals(child.id(), tree.createSession(child));
    assertEquals(child.id(), child.processGroupId());
    assertErrno(Errno.EPERM, () -> tree.setProcessGroup(child, child.id(), child.id()));
    ThreadGroup mate = child(first);
    tree.setProcessGroup(first, mate.id(), mate.id());
    assertEquals(mate.id(), mate.processGroupId());
    tree.executed(mate);
    assertErrno(Errno.EACCES, () -> tree.setProcessGroup(first, mate.id(), first.id()));
    assertErrno(Errno.ESRCH, () -> tree.setProcessGroup(first, 999, 999));
    assertErrno(Errno.EPERM, () -> tree.setProcessGroup(mate, mate.id(), 12345));
  }

  @Test
  void pidsInUseAreNotGivenOutAgain() {
    ThreadGroup child = child(first);
    assertEquals(child.id() + 1, tree.allocatePid());
    assertErrno(Errno.ECHILD, () -> tree.poll(child, ANY, WaitOptions.WEXITED));
    assertErrno(
        Errno.ECHILD, () -> tree.poll(first, new WaitSelector.Pid(4711), WaitOptions.WEXITED));
  }

  private ThreadGroup child(ThreadGroup parent) {
    ThreadGroup g = new ThreadGroup(tree.allocatePid(), ResourceLimits.initial());
    tree.add(g, parent, Signal.SIGCHLD, false);
    return g;
  }

  private static void assertErrno(Errno expected, Runnable action) {
    assertEquals(expected, assertThrows(LinuxException.class, action::run).errno());
  }
}
