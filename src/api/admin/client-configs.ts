// What to paste into the programs that write to a registration and read from it. Texts in JSON's quotes are
// texts in YAML.

export interface Registration {
  readonly name: string;
  /** Where its paths begin: `https://metrics.example.org/e/ts-…`. */
  readonly url: string;
  readonly keyId: string;
  readonly secret: string;
}

export interface RegistrationUrls {
  readonly writeUrl: string;
  readonly readUrl: string;
  /** Of a Prometheus data source: `/api/v1/query` and the rest follow. */
  readonly queryUrl: string;
  readonly influxUrl: string;
  /** Of metrics, for exporters of OpenTelemetry over HTTP. */
  readonly otlpUrl: string;
}

/** These take nothing but 200 for success, which suits every sender. */
export function urlsOf(url: string): RegistrationUrls {
  return {
    writeUrl: `${url}/api/prom_write`,
    readUrl: `${url}/api/prom_read`,
    queryUrl: url,
    influxUrl: url,
    otlpUrl: `${url}/v1/metrics`,
  };
}

/** Sections of prometheus.yml. */
export function prometheusYaml({ url, keyId, secret }: Registration): string {
  const { writeUrl, readUrl } = urlsOf(url);
  const auth = [
    '    basic_auth:',
    `      username: ${quote(keyId)}`,
    `      password: ${quote(secret)}`,
  ];
  return lines(
    'remote_write:',
    `  - url: ${quote(writeUrl)}`,
    ...auth,
    'remote_read:',
    `  - url: ${quote(readUrl)}`,
    '    read_recent: true',
    ...auth,
  );
}

/** Sections of an OpenTelemetry Collector's configuration, of whatever distribution; the receiver is the reader's own. */
export function openTelemetryYaml({ url, keyId, secret }: Registration): string {
  return lines(
    'exporters:',
    '  otlphttp/tidemark:',
    `    metrics_endpoint: ${quote(urlsOf(url).otlpUrl)}`,
    '    headers:',
    `      Authorization: ${quote(`Bearer ${keyId}.${secret}`)}`,
    'service:',
    '  pipelines:',
    '    metrics:',
    '      receivers: [otlp]',
    '      exporters: [otlphttp/tidemark]',
  );
}

/** A file for Grafana's provisioning/datasources. */
export function grafanaYaml({ name, url, keyId, secret }: Registration): string {
  return lines(
    'apiVersion: 1',
    'datasources:',
    `  - name: ${quote(name)}`,
    '    type: prometheus',
    '    access: proxy',
    `    url: ${quote(urlsOf(url).queryUrl)}`,
    '    basicAuth: true',
    `    basicAuthUser: ${quote(keyId)}`,
    '    jsonData:',
    '      httpMethod: POST',
    '    secureJsonData:',
    `      basicAuthPassword: ${quote(secret)}`,
  );
}

function quote(text: string): string {
  return JSON.stringify(text);
}

function lines(...all: string[]): string {
  return `${all.join('\n')}\n`;
}
