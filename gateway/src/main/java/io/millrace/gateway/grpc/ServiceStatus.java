package io.millrace.gateway.grpc;

import io.grpc.Status;

/** How a call to a service ended, as the caller is told. */
final class ServiceStatus {

  private ServiceStatus() {}

  /** The service's own words, or that it cannot be reached, without its address. */
  static Status passed(String service, Status status) {
    // Only what fails on this side of the connection has a cause; it would tell addresses.
    boolean unreachable = status.getCode() == Status.Code.UNAVAILABLE && status.getCause() != null;
    return unreachable
        ? Status.UNAVAILABLE.withDescription(service + " is not available; try again later")
        : status.withCause(null);
  }
}
