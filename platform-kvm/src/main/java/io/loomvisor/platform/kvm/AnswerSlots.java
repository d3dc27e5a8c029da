package io.loomvisor.platform.kvm;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.loomvisor.platform.InstantAnswers;
import io.loomvisor.platform.MemoryFile;
import io.loomvisor.platform.kvm.memory.MemoryFileImpl;
import io.loomvisor.platform.kvm.ring0.Layout;
import io.loomvisor.platform.kvm.ring0.Ring0;
import io.loomvisor.scheduler.actor.Actor;
import io.loomvisor.scheduler.actor.Rank;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The slots in the kernel half from which the entry code answers (entry.S): eight words for each
 * task, whether answers are allowed and then the values in the order of {@link Answer}. A task
 * keeps its slot for life, so a value that another task changes, as the parent's id, is one store
 * whoever runs where.
 *
 * <p>As an actor it owns which slots are free; a slot belongs to its context.
 */
final class AnswerSlots extends Actor {
  private static final VarHandle WORD = JAVA_INT.varHandle();
  private static final int PER_PAGE = 4096 / Layout.SLOT_SIZE;

  private final MemoryFileImpl memory;
  private final MemorySegment bytes;
  private final boolean entryInRing3;
  private final ArrayDeque<Slot> free = new ArrayDeque<>();
  private int pages;

  AnswerSlots(MemoryFileImpl memory, boolean entryInRing3) {
    super(Rank.MEMORY);
    this.memory = memory;
    this.bytes = memory.whole();
    this.entryInRing3 = entryInRing3;
  }

  /**
   * One task's slot, while it has it. Other tasks write to it too, and may come late: what they do
   * to a slot that has been given back changes nothing.
   */
  final class Slot implements InstantAnswers {
    private final long at;
    private final long address;
    private volatile boolean allowed;

    /** The task, and those who write just now; at 0 the place is another task's to take. */
    private final AtomicInteger users = new AtomicInteger(1);

    private Slot(long at, long address) {
      this.at = at;
      this.address = address;
    }

    /** Where the guest sees it. */
    long address() {
      return address;
    }

    @Override
    public void set(Answer answer, int value) {
      write(() -> WORD.setRelease(bytes, at + 4 + 4L * answer.ordinal(), value));
    }

    boolean allowed() {
      return allowed;
    }

    @Override
    public void allow(boolean on) {
      write(
          () -> {
            allowed = on;
            WORD.setVolatile(bytes, at, on ? 1 : 0);
          });
    }

    private void write(Runnable change) {
      if (users.getAndUpdate(n -> n == 0 ? 0 : n + 1) > 0) {
        if (!memory.closed()) {
          change.run();
        }
        leave();
      }
    }

    /** The task is gone, no vCPU runs it any more. */
    void release() {
      leave();
    }

    private void leave() {
      if (users.decrementAndGet() == 0) {
        allowed = false;
        if (!memory.closed()) {
          WORD.setVolatile(bytes, at, 0);
        }
        ask(() -> free.push(new Slot(at, address)));
      }
    }
  }

  /**
   * A slot that allows nothing yet; null if there are as many tasks as there can be slots, or no
   * memory for more.
   */
  Slot take() {
    return ask(
        () -> {
          if (free.isEmpty() && pages < Layout.SLOT_PAGES) {
            try {
              addPage();
            } catch (MemoryFile.OutOfMemoryException e) {
              return null; // the kernel answers instead
            }
          }
          return free.poll();
        });
  }

  /**
   * No flush is needed: nothing was mapped there before, and a translation that is absent is looked
   * up anew (docs/memory-downgrades.md).
   */
  private void addPage() {
    long frame = memory.allocate();
    Ring0.mapSlots(bytes, pages, frame, entryInRing3);
    for (int i = 0; i < PER_PAGE; i++) {
      long offset = (long) i * Layout.SLOT_SIZE;
      free.add(new Slot((frame << 12) + offset, Layout.SLOTS + ((long) pages << 12) + offset));
    }
    pages++;
  }
}
