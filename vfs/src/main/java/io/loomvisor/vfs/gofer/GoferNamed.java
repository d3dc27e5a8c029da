package io.loomvisor.vfs.gofer;

import io.loomvisor.gofer.abi.FileStat;
import io.loomvisor.gofer.wire.Reply;
import io.loomvisor.gofer.wire.Request;

/** A file that the gofer knows by its names alone. */
abstract class GoferNamed extends GoferInode {
  GoferNamed(GoferFilesystem filesystem, FileStat host) {
    super(filesystem, host);
  }

  @Override
  final FileStat refreshed() {
    return fs().call(
            () -> {
              if (names().isEmpty()) {
                return host();
              }
              return namedHeld(
                  (fid, name) ->
                      fs().client()
                          .ask(new Request.GetAttributes(fid, name), Reply.Attributes.class)
                          .stat());
            });
  }
}
