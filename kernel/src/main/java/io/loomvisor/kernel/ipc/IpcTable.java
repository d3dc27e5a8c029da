package io.loomvisor.kernel.ipc;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.scheduler.actor.Actor;
import io.loomvisor.scheduler.actor.Rank;
import io.loomvisor.vfs.Credentials;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * The objects of one mechanism: the actor that owns keys and identifiers.
 *
 * <p>An identifier is an index and, above it, a sequence number, so that it does not come back
 * soon: indices are given out in turn, and the number goes up whenever they begin again
 * (ipc_idr_alloc() of ipc/util.c).
 */
public final class IpcTable<T extends IpcObject> extends Actor {
  /** Makes the object once a free identifier has been found. Runs in the table's actor. */
  @FunctionalInterface
  public interface Maker<T> {
    T make(int id, IpcPermission permission);
  }

  /** IPCMNI: the most objects, and one more than the largest index. */
  public static final int MAX_OBJECTS = 32768;

  private static final int INDEX_MASK = MAX_OBJECTS - 1;
  private static final int INDEX_BITS = 15;

  /** ipc_min_cycle: so many indices are gone through before the first comes again. */
  private static final int MIN_CYCLE = 64;

  /** Sequence numbers stay below this, so that identifiers are not negative. */
  private static final int SEQUENCES = 1 << 16;

  private final LongSupplier limit;
  private final TreeMap<Integer, T> byIndex = new TreeMap<>();
  private final Map<Integer, T> byKey = new HashMap<>();
  private int nextIndex;
  private int lastIndex = -1;
  private int sequence;

  /**
   * @param limit how many objects there may be now
   */
  public IpcTable(LongSupplier limit) {
    super(Rank.IPC);
    this.limit = limit;
  }

  /**
   * The object for {@code key}: the one there is, or with IPC_CREAT a new one (ipcget()). ENOENT,
   * EEXIST, EACCES, ENOSPC.
   *
   * @param check of an object that is there already, before its permission is looked at
   * @param checkNew of the arguments for a new one
   */
  public T get(
      int key, int flags, Credentials who, Consumer<T> check, Runnable checkNew, Maker<T> maker) {
    return ask(
        () -> {
          T there = key == IpcFlags.IPC_PRIVATE ? null : byKey.get(key);
          if (there == null) {
            if (key != IpcFlags.IPC_PRIVATE && (flags & IpcFlags.IPC_CREAT) == 0) {
              throw Errno.ENOENT.exception();
            }
            checkNew.run();
            return add(IpcPermission.of(key, flags, who), maker);
          }
          if ((flags & IpcFlags.IPC_CREAT) != 0 && (flags & IpcFlags.IPC_EXCL) != 0) {
            throw Errno.EEXIST.exception();
          }
          check.accept(there);
          there.permission().check(who, flags);
          return there;
        });
  }

  private T add(IpcPermission permission, Maker<T> maker) {
    if (byIndex.size() >= Math.min(limit.getAsLong(), MAX_OBJECTS)) {
      throw Errno.ENOSPC.exception();
    }
    int cycle = Math.min(Math.max(byIndex.size() * 3 / 2, MIN_CYCLE), MAX_OBJECTS);
    int index = freeIndex(cycle);
    int seq = index <= lastIndex ? (sequence + 1) % SEQUENCES : sequence;
    T made = maker.make(seq << INDEX_BITS | index, permission);
    sequence = seq;
    lastIndex = index;
    nextIndex = index + 1;
    byIndex.put(index, made);
    if (permission.key() != IpcFlags.IPC_PRIVATE) {
      byKey.put(permission.key(), made);
    }
    return made;
  }

  /** idr_alloc_cyclic(): from the last one on, then from the start. */
  private int freeIndex(int end) {
    for (int i = nextIndex; i < end; i++) {
      if (!byIndex.containsKey(i)) {
        return i;
      }
    }
    for (int i = 0; i < end; i++) {
      if (!byIndex.containsKey(i)) {
        return i;
      }
    }
    throw new IllegalStateException("fewer objects than indices, and none is free");
  }

  /** EINVAL if there is no such object. */
  public T find(int id) {
    T found = id < 0 ? null : ask(() -> byIndex.get(id & INDEX_MASK));
    if (found == null || found.id() != id) {
      throw Errno.EINVAL.exception();
    }
    return found;
  }

  /** For SHM_STAT and kin, which count through the indices; EINVAL if nothing is there. */
  public T atIndex(int index) {
    T found = index < 0 ? null : ask(() -> byIndex.get(index & INDEX_MASK));
    if (found == null) {
      throw Errno.EINVAL.exception();
    }
    return found;
  }

  /** The largest index in use, 0 if none is. */
  public int maxIndex() {
    return ask(() -> byIndex.isEmpty() ? 0 : byIndex.lastKey());
  }

  /** All objects in the order of their indices. */
  public List<T> all() {
    return ask(() -> List.copyOf(byIndex.values()));
  }

  /** Nothing finds the object by its key any more; its identifier stays good. */
  public void dropKey(T object) {
    ask(() -> byKey.values().remove(object));
  }

  public boolean contains(T object) {
    return ask(() -> byIndex.get(object.id() & INDEX_MASK) == object);
  }

  /**
   * Takes the object out; false if it is gone already.
   *
   * @param onRemoved runs in the table's actor if it was there
   */
  public boolean remove(T object, Runnable onRemoved) {
    return ask(
        () -> {
          if (!byIndex.remove(object.id() & INDEX_MASK, object)) {
            return false;
          }
          byKey.values().remove(object);
          object.removed();
          onRemoved.run();
          return true;
        });
  }
}
