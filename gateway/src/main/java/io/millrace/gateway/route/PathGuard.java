package io.millrace.gateway.route;

import io.millrace.platform.error.ErrorWriter;
import io.millrace.platform.error.MillraceException;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Locale;
import java.util.regex.Pattern;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Refuses a path that two readers could understand differently: dot segments, empty segments,
 * parameters ({@code ;}), backslashes, each also percent-encoded, and every percent-encoding of a
 * character that needs none. Such a path could be checked as one thing and answered as another.
 */
final class PathGuard extends OncePerRequestFilter {
  private static final Pattern PLAIN =
      Pattern.compile("(/(?!\\.{1,2}(/|$))[A-Za-z0-9._~!$&'()*+,=:@%-]+)*/?");
  private static final Pattern ENCODED_TRICK =
      Pattern.compile("%(2f|3b|5c|25|0[0-9a-f]|1[0-9a-f]|7f)");

  /** Letters, digits, {@code -._~}: RFC 3986, section 2.3. */
  private static final Pattern ENCODED_UNRESERVED =
      Pattern.compile("%(2[de]|3[0-9]|[46][1-9a-f]|[57][0-9a]|5f|7e)");

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    String path = request.getRequestURI();
    String lower = path.toLowerCase(Locale.ROOT);
    if (!PLAIN.matcher(path).matches()
        || ENCODED_TRICK.matcher(lower).find()
        || ENCODED_UNRESERVED.matcher(lower).find()) {
      ErrorWriter.write(
          request,
          response,
          MillraceException.invalid("path", "the path is ambiguous; spell it out"));
      return;
    }
    chain.doFilter(request, response);
  }
}
