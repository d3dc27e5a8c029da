package io.loomvisor.vfs.mqueue;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.vfs.Credentials;
import io.loomvisor.vfs.Inode;
import io.loomvisor.vfs.synthetic.SyntheticFilesystem;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The queues of one IPC namespace. Every mount of type mqueue shows this instance. A queue without
 * a name lives until its last description is closed.
 */
public final class MqueueFilesystem extends SyntheticFilesystem {
  private static final long MQUEUE_MAGIC = 0x19800202;

  private final MqueueLimits limits = new MqueueLimits();
  private final MqueueDirectory root;

  // Owned by the actor.
  private final Map<String, MqueueInode> byName = new HashMap<>();
  private final Set<MqueueInode> queues = new HashSet<>();

  public MqueueFilesystem() {
    super(MQUEUE_MAGIC);
    root = new MqueueDirectory(this);
  }

  @Override
  public String type() {
    return "mqueue";
  }

  @Override
  public Inode root() {
    return root;
  }

  public MqueueLimits limits() {
    return limits;
  }

  MqueueInode find(String name) {
    return ask(() -> byName.get(name));
  }

  int queueCount() {
    return ask(byName::size);
  }

  List<Map.Entry<String, MqueueInode>> inOrder() {
    return ask(
        () ->
            byName.entrySet().stream()
                .sorted(Comparator.comparingLong(e -> e.getValue().ino()))
                .map(e -> Map.entry(e.getKey(), e.getValue()))
                .toList());
  }

  /**
   * Makes a queue: ENOSPC if there are too many, EINVAL if it would be too large, EMFILE beyond
   * {@code byteLimit}, EEXIST.
   *
   * @param mode with S_IFREG, umask applied
   * @param wanted null for the standard
   * @param byteLimit RLIMIT_MSGQUEUE of the process
   */
  public MqueueInode createQueue(
      String name, int mode, MqueueLimits.Capacity wanted, Credentials owner, long byteLimit) {
    return ask(
        () -> {
          if (byName.containsKey(name)) {
            throw Errno.EEXIST.exception();
          }
          if (queues.size() >= limits.queues() && !owner.has(Credentials.CAP_SYS_RESOURCE)) {
            throw Errno.ENOSPC.exception();
          }
          MqueueLimits.Capacity capacity = wanted == null ? limits.standard() : wanted;
          limits.check(capacity, owner);
          limits.take(owner.uid(), capacity.cost(), byteLimit);
          MqueueInode made =
              new MqueueInode(
                  this,
                  new MessageBox(capacity),
                  newInodeNumber(),
                  mode,
                  owner.fsuid(),
                  owner.fsgid(),
                  owner.uid());
          byName.put(name, made);
          queues.add(made);
          return made;
        });
  }

  void unlink(String name) {
    MqueueInode gone =
        ask(
            () -> {
              MqueueInode q = byName.remove(name);
              if (q == null) {
                throw Errno.ENOENT.exception();
              }
              q.setUnlinked();
              return q;
            });
    discardIfUnused(gone);
  }

  void discardIfUnused(MqueueInode queue) {
    boolean gone = ask(() -> queue.unlinked() && !queue.inUse() && queues.remove(queue));
    if (gone) {
      limits.give(queue.chargedTo(), queue.box().capacity().cost());
      queue.box().close();
    }
  }

  /** The process has ended or executes another program: its notifications go. */
  public void processGone(Object process) {
    List<MqueueInode> all = ask(() -> List.copyOf(queues));
    all.forEach(q -> q.box().unregister(process));
  }
}
