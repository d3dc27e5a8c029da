package io.loomvisor.vfs;

import io.loomvisor.gofer.abi.FileTime;
import java.time.Instant;

/**
 * The real-time clock that file systems stamp files with; passed in, so that tests can drive it.
 */
@FunctionalInterface
public interface FileClock {
  /** The system's clock. */
  FileClock SYSTEM =
      () -> {
        Instant now = Instant.now();
        return new FileTime(now.getEpochSecond(), now.getNano());
      };

  FileTime now();
}
