package io.loomvisor.vfs.synthetic;

import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.Credentials;

/** Who opened a file, as far as its reads and writes depend on that. */
public record Opener(Credentials credentials, int threadGroup) {
  static Opener of(Caller caller) {
    return new Opener(caller.credentials(), caller.threadGroupId());
  }
}
