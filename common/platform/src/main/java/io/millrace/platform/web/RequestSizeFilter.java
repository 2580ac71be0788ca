package io.millrace.platform.web;

import io.millrace.platform.MillraceProperties;
import io.millrace.platform.error.ErrorWriter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.springframework.http.server.PathContainer;
import org.springframework.util.unit.DataSize;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;

/**
 * Refuses a body that is larger than the limit of its path: at once if its length is announced,
 * else when the byte after the last permitted one is read.
 */
final class RequestSizeFilter extends OncePerRequestFilter {
  private final DataSize limit;
  private final List<Rule> rules;

  RequestSizeFilter(MillraceProperties.Limits limits) {
    this.limit = limits.requestBody();
    PathPatternParser parser = new PathPatternParser();
    this.rules =
        limits.paths().stream()
            .map(path -> new Rule(parser.parse(path.path()), path.size()))
            .toList();
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    DataSize limit = limitOf(request);
    if (request.getContentLengthLong() > limit.toBytes()) {
      ErrorWriter.write(request, response, ErrorWriter.tooLarge(limit));
      return;
    }
    chain.doFilter(new LimitedRequest(request, limit), response);
  }

  private DataSize limitOf(HttpServletRequest request) {
    PathContainer path = PathContainer.parsePath(request.getRequestURI());
    for (Rule rule : rules) {
      if (rule.pattern.matches(path)) {
        return rule.limit;
      }
    }
    return limit;
  }

  private record Rule(PathPattern pattern, DataSize limit) {}

  private static final class LimitedRequest extends HttpServletRequestWrapper {
    private final DataSize limit;
    private @org.jspecify.annotations.Nullable ServletInputStream stream;

    LimitedRequest(HttpServletRequest request, DataSize limit) {
      super(request);
      this.limit = limit;
    }

    @Override
    public ServletInputStream getInputStream() throws IOException {
      ServletInputStream limited = stream;
      if (limited == null) {
        limited = new LimitedInputStream(super.getInputStream(), limit);
        stream = limited;
      }
      return limited;
    }

    @Override
    public BufferedReader getReader() throws IOException {
      String encoding = getCharacterEncoding();
      Charset charset = encoding == null ? StandardCharsets.UTF_8 : Charset.forName(encoding);
      return new BufferedReader(new InputStreamReader(getInputStream(), charset));
    }
  }
}
