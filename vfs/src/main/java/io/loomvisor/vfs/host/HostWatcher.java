package io.loomvisor.vfs.host;

import io.loomvisor.gofer.host.DescriptorCalls;
import io.loomvisor.gofer.host.StreamCalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Waits in poll(2), on a platform thread of its own, for the host files that somebody found not
 * ready. A file is watched from {@link HostFile#watch} until it has become ready once. The thread
 * also closes the files' descriptors, so that it never polls a number that means something else by
 * now.
 */
final class HostWatcher implements Runnable {
  private static final int MAX_FILES = 1024;

  /** What a wake-up adds to the event counter. */
  private static final MemorySegment ONE = Arena.global().allocateFrom(ValueLayout.JAVA_LONG, 1L);

  private final int wakeDescriptor = StreamCalls.eventDescriptor();
  private final MemorySegment wakeCount = Arena.global().allocate(ValueLayout.JAVA_LONG);
  private final MemorySegment pollSet =
      Arena.global().allocate((1L + MAX_FILES) * StreamCalls.POLLFD_SIZE, 8);
  private final List<HostFile> files = new CopyOnWriteArrayList<>();

  /** Begins to watch; for files that were entered before and later. */
  void start() {
    Thread.ofPlatform().name("host-streams").daemon(true).start(this);
  }

  void add(HostFile file) {
    if (files.size() == MAX_FILES) {
      throw new IllegalStateException("more than " + MAX_FILES + " host streams");
    }
    files.add(file);
  }

  /** Makes the thread look at what the files want again. Any thread. */
  void wake() {
    StreamCalls.write(wakeDescriptor, ONE);
  }

  @Override
  public void run() {
    for (; ; ) {
      closeReleased();
      HostFile[] polled = files.toArray(HostFile[]::new);
      StreamCalls.poll(pollSet, fill(polled));
      if (events(0) != 0) {
        StreamCalls.read(wakeDescriptor, wakeCount);
      }
      for (int i = 0; i < polled.length; i++) {
        int events = events(i + 1);
        if (events != 0) {
          polled[i].becameReady(events);
        }
      }
    }
  }

  private void closeReleased() {
    for (HostFile f : files) {
      if (f.released()) {
        files.remove(f);
        DescriptorCalls.close(f.descriptor());
      }
    }
  }

  private int fill(HostFile[] polled) {
    entry(0, wakeDescriptor, StreamCalls.POLLIN);
    for (int i = 0; i < polled.length; i++) {
      int wanted = polled[i].watched();
      entry(i + 1, wanted == 0 ? -1 : polled[i].descriptor(), wanted & 0xffff);
    }
    return polled.length + 1;
  }

  private void entry(int index, int fd, int events) {
    long at = (long) index * StreamCalls.POLLFD_SIZE;
    pollSet.set(ValueLayout.JAVA_INT, at, fd);
    pollSet.set(ValueLayout.JAVA_INT, at + 4, events);
  }

  private int events(int index) {
    return pollSet.get(ValueLayout.JAVA_SHORT, (long) index * StreamCalls.POLLFD_SIZE + 6) & 0xffff;
  }
}
