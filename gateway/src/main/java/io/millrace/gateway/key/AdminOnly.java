package io.millrace.gateway.key;

import io.millrace.gateway.key.ApiKeys.ApiKey;
import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;

/**
 * Lets only administrators' keys through to {@link ApiKeyController}. It asks what was matched, not
 * how the path was spelled.
 */
final class AdminOnly implements HandlerInterceptor {

  @Override
  public boolean preHandle(
      HttpServletRequest request, HttpServletResponse response, Object handler) {
    if (handler instanceof HandlerMethod method
        && method.getBeanType() == ApiKeyController.class
        && !isAdmin(request)) {
      throw new MillraceException(
          ErrorCode.PERMISSION_DENIED, "this needs an API key of the scope admin");
    }
    return true;
  }

  private static boolean isAdmin(HttpServletRequest request) {
    return request.getAttribute(ApiKey.class.getName()) instanceof ApiKey key
        && key.scope() == ApiKeys.Scope.ADMIN;
  }
}
