package io.loomvisor.runtime.host;

import com.sun.jna.LastErrorException;
import java.io.IOException;

/** Descriptors of the host's files, for calls that take one. */
public final class HostFile {
  private HostFile() {}

  /** Follows symbolic links; close-on-exec. The caller closes it. */
  public static int openReadOnly(String path) throws IOException {
    try {
      return Libc.open(path, Libc.O_RDONLY | Libc.O_CLOEXEC);
    } catch (LastErrorException e) {
      throw new IOException("open " + path + ": " + e.getMessage(), e);
    }
  }

  /** A terminal, for reading and writing, without becoming its session's leader. */
  public static int openTerminal(String path) throws IOException {
    try {
      return Libc.open(path, Libc.O_RDWR | Libc.O_NOCTTY | Libc.O_CLOEXEC);
    } catch (LastErrorException e) {
      throw new IOException("open " + path + ": " + e.getMessage(), e);
    }
  }
}
