package io.millrace.gateway.route;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.util.LinkedMultiValueMap;
import org.springframework.util.MultiValueMap;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.util.UriComponentsBuilder;

/**
 * Makes the parameters of a request those of its address alone: a servlet container would read a
 * form's body for them, and the body is for the service.
 */
final class QueryOnly extends OncePerRequestFilter {

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    chain.doFilter(new QueryRequest(request), response);
  }

  private static final class QueryRequest extends HttpServletRequestWrapper {
    private final Map<String, String[]> parameters;

    QueryRequest(HttpServletRequest request) {
      super(request);
      Map<String, String[]> parameters = new LinkedHashMap<>();
      decoded(request.getQueryString())
          .forEach((name, values) -> parameters.put(name, values.toArray(String[]::new)));
      this.parameters = Collections.unmodifiableMap(parameters);
    }

    @Override
    public Map<String, String[]> getParameterMap() {
      return parameters;
    }

    @Override
    public @Nullable String getParameter(String name) {
      String[] values = parameters.get(name);
      return values == null ? null : values[0];
    }

    @Override
    public Enumeration<String> getParameterNames() {
      return Collections.enumeration(parameters.keySet());
    }

    @Override
    @SuppressWarnings("NullAway") // The servlet API: null for a parameter that is not there.
    public String[] getParameterValues(String name) {
      return parameters.get(name);
    }

    private static MultiValueMap<String, String> decoded(@Nullable String query) {
      MultiValueMap<String, String> decoded = new LinkedMultiValueMap<>();
      UriComponentsBuilder.newInstance()
          .query(query == null ? "" : query)
          .build()
          .getQueryParams()
          .forEach((name, values) ->
              decoded.addAll(decode(name), values.stream().map(QueryRequest::decode).toList()));
      return decoded;
    }

    private static String decode(@Nullable String text) {
      return text == null ? "" : URLDecoder.decode(text, StandardCharsets.UTF_8);
    }
  }
}
