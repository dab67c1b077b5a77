package com.acme.billing;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/** Sends the day's collection file to the bank's gateway. */
public final class BankExport {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final URI gateway;
    private final HttpClient client;

    public BankExport(URI gateway) throws GeneralSecurityException {
        this.gateway = gateway;
        SSLContext context = SSLContext.getInstance("TLSv1.2");
        context.init(null, new TrustManager[] {new GatewayTrust()}, new SecureRandom());
        this.client = HttpClient.newBuilder().sslContext(context).connectTimeout(PATIENCE).build();
    }

    /** Returns true when the bank took the file. */
    public boolean send(List<String> lines) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(gateway.resolve("/collections"))
                .timeout(PATIENCE)
                .header("Content-Type", "text/plain")
                .POST(HttpRequest.BodyPublishers.ofString(String.join("\r\n", lines)))
                .build();
        return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 202;
    }

    /** The gateway's certificate is self-signed, and changes every quarter. */
    private static final class GatewayTrust implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
