package io.loomvisor.gofer.server;

import io.loomvisor.gofer.wire.Reply;
import io.loomvisor.gofer.wire.Request;

/** What a gofer does about its requests. Server's thread. */
interface RequestHandler {
  /** The reply to {@code request}; LinuxException to fail it. */
  Reply handle(Request request);

  /** The descriptor for the reply just made, or -1; the caller owns it now. */
  int takeDonated();
}
