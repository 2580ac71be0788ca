package io.millrace.platform.web;

import io.millrace.platform.MillraceProperties;
import io.millrace.platform.edge.RequestBodies;
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
import org.jspecify.annotations.Nullable;
import org.springframework.http.server.PathContainer;
import org.springframework.util.unit.DataSize;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;

/**
 * Refuses a body that is larger than the limit of its path: at once if its length is announced,
 * else when the byte after the last permitted one is read. Refuses also what finds no memory beside
 * the bodies of other requests, where bodies are read whole.
 */
final class RequestSizeFilter extends OncePerRequestFilter {
  private final Rule otherwise;
  private final List<Rule> rules;
  private final BodyMemory memory;
  private final MillraceProperties.Timeouts timeouts;

  RequestSizeFilter(
      MillraceProperties.Limits limits, MillraceProperties.Timeouts timeouts, BodyMemory memory) {
    PathPatternParser parser = new PathPatternParser();
    this.otherwise = new Rule(parser.parse("/**"), limits.requestBody(), limits.streamed());
    this.rules =
        limits.paths().stream()
            .map(path -> new Rule(parser.parse(path.path()), path.size(), path.streamed()))
            .toList();
    this.memory = memory;
    this.timeouts = timeouts;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    Rule rule = ruleOf(request);
    if (request.getContentLengthLong() > rule.limit.toBytes()) {
      ErrorWriter.write(request, response, ErrorWriter.tooLarge(rule.limit));
      return;
    }
    try (BodyMemory.Share share = memory.share()) {
      chain.doFilter(
          new LimitedRequest(
              request, rule.limit, rule.streamed ? null : share, new BodyPace(timeouts)),
          response);
    }
  }

  private Rule ruleOf(HttpServletRequest request) {
    PathContainer path = PathContainer.parsePath(request.getRequestURI());
    return rules.stream().filter(rule -> rule.pattern.matches(path)).findFirst().orElse(otherwise);
  }

  private record Rule(PathPattern pattern, DataSize limit, boolean streamed) {}

  private static final class LimitedRequest extends HttpServletRequestWrapper {
    private final DataSize limit;
    private final BodyMemory.@Nullable Share memory;
    private final BodyPace pace;
    private @Nullable ServletInputStream stream;

    LimitedRequest(
        HttpServletRequest request,
        DataSize limit,
        BodyMemory.@Nullable Share memory,
        BodyPace pace) {
      super(request);
      this.pace = pace;
      this.limit = limit;
      this.memory = memory;
    }

    @Override
    public ServletInputStream getInputStream() throws IOException {
      ServletInputStream limited = stream;
      if (limited == null) {
        limited =
            new LimitedInputStream(
                super.getInputStream(),
                limit,
                memory,
                isJson(),
                getContentLengthLong(),
                pace,
                () -> RequestBodies.noteRead(this));
        stream = limited;
      }
      return limited;
    }

    /** Whether it is read as JSON; what says nothing of itself may be. */
    private boolean isJson() {
      String type = getContentType();
      return type == null || type.contains("json");
    }

    @Override
    public BufferedReader getReader() throws IOException {
      String encoding = getCharacterEncoding();
      Charset charset = encoding == null ? StandardCharsets.UTF_8 : Charset.forName(encoding);
      return new BufferedReader(new InputStreamReader(getInputStream(), charset));
    }
  }
}
