package io.loomvisor.runtime.jfr;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;

/**
 * The file that the recorder writes to, opened a second time. After a flush it is complete but for
 * its state, which says that it is still written to; a reader of files, other than one of streams,
 * waits for the end then (JDK: jdk.jfr.internal.consumer.ChunkHeader).
 *
 * <pre>
 *  0        4       8            16           24
 *  | magic  | version | length    | constants  | metadata ...
 *  ... 64        65        67
 *      | state   |         | flags |
 * </pre>
 */
final class ChunkFile {
  private static final int LENGTH = 8;
  private static final int STATE = 64;
  private static final int FINISHED = 0;

  private final RandomAccessFile file;
  private final Flush flush;
  private boolean closed;

  ChunkFile(Path path, Flush flush) throws IOException {
    this.file = new RandomAccessFile(path.toFile(), "rw");
    this.flush = flush;
  }

  /** Brings what has been recorded to the file. Nothing once it is closed. */
  synchronized void flush() {
    if (!closed) {
      flush.run();
    }
  }

  /** The last flush; the file ends with it. */
  synchronized void close() throws IOException {
    closed = true; // one flush more would say in the file that it is still written to
    flush.run();
    file.seek(LENGTH);
    long length = file.readLong();
    file.setLength(length);
    file.seek(STATE);
    file.write(FINISHED);
    file.close();
  }
}
