package io.millrace.platform.edge;

import jakarta.servlet.http.HttpServletRequest;

/** Whether the body of a request has come whole. */
public final class RequestBodies {
  private static final String READ = RequestBodies.class.getName() + ".read";

  private RequestBodies() {}

  /** Notes that it was read to its end. */
  public static void noteRead(HttpServletRequest request) {
    request.setAttribute(READ, Boolean.TRUE);
  }

  /** Whether it was read to its end, or there is none. */
  static boolean isRead(HttpServletRequest request) {
    return request.getAttribute(READ) != null
        || (request.getContentLengthLong() <= 0 && request.getHeader("Transfer-Encoding") == null);
  }
}
