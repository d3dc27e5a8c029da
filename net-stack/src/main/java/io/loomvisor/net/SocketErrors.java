package io.loomvisor.net;

import io.loomvisor.net.socket.Errno;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedChannelException;

/** The exceptions that stand for errno values, as the JDK's own sockets throw them. */
final class SocketErrors {
  private SocketErrors() {}

  /** {@code result} if it is no error. */
  static int check(int result) throws IOException {
    if (result < 0) {
      throw of(-result);
    }
    return result;
  }

  static IOException of(int errno) {
    return switch (errno) {
      case Errno.EBADF -> new ClosedChannelException();
      case Errno.EADDRINUSE -> new BindException("Address already in use");
      case Errno.EADDRNOTAVAIL -> new BindException("Cannot assign requested address");
      case Errno.ECONNREFUSED -> new ConnectException("Connection refused");
      case Errno.ETIMEDOUT -> new SocketTimeoutException("Connection timed out");
      case Errno.EHOSTUNREACH -> new NoRouteToHostException("No route to host");
      case Errno.ENETUNREACH -> new NoRouteToHostException("Network is unreachable");
      case Errno.ECONNRESET -> new SocketException("Connection reset");
      case Errno.EPIPE -> new SocketException("Broken pipe");
      case Errno.EMSGSIZE -> new SocketException("Message too long");
      case Errno.ENOTCONN -> new SocketException("Not connected");
      case Errno.EISCONN -> new SocketException("Already connected");
      case Errno.EACCES -> new SocketException("Permission denied");
      case Errno.EDESTADDRREQ -> new SocketException("Destination address required");
      default -> new SocketException("errno " + errno);
    };
  }
}
