"""nginx as the park's front: it serves the shelf and hands everything else to the proxy.

`up` writes the configuration, supervisord runs nginx with it. It is an nginx of the park's own:
neither the system's configuration nor its service is touched.
"""

from pathlib import Path

from technopark.front import shelf
from technopark.front.cards import PATH
from technopark.front.kinds import HEADERS, OTHER, TEXTS, TYPES
from technopark.front.ways import proxy_socket
from technopark.settings import Settings

BROTLI = Path("/usr/lib/nginx/modules/ngx_http_brotli_static_module.so")
"""Debian's libnginx-mod-http-brotli-static; without it browsers get gzip."""


def configuration_file(settings: Settings) -> Path:
    """Where the configuration is."""
    return settings.data / "run" / "nginx.conf"


def write_configuration(settings: Settings, error_page: Path) -> None:
    """Writes it; see `configuration`."""
    (settings.data / "run" / "nginx").mkdir(mode=0o700, parents=True, exist_ok=True)
    text = configuration(settings, error_page, has_brotli=BROTLI.exists())
    configuration_file(settings).write_text(text, encoding="utf-8")


def configuration(settings: Settings, error_page: Path, *, has_brotli: bool) -> str:
    """The whole configuration file of nginx.

    Args:
        settings: the park's.
        error_page: shown while the proxy does not answer.
        has_brotli: whether nginx can send brotli.
    """
    run = settings.data / "run"
    types = " ".join(f"{kind} {ending[1:]};" for ending, kind in TYPES.items())
    added = (f"add_header {name} {_quoted(value)};" for name, value in HEADERS.items())
    headers = "\n            ".join(added)
    return f"""# Written by `./park up`; changes are lost.
{f"load_module {_quoted(BROTLI)};" if has_brotli else ""}
# The sockets in {run} are for the park's own user alone.
user root;
worker_processes auto;
daemon off;
pid {_quoted(run / "nginx.pid")};
error_log stderr warn;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    server_tokens off;
    sendfile on;
    tcp_nopush on;
    keepalive_timeout 75s;
    types {{ {types} }}
    default_type {OTHER};
    charset utf-8;
    charset_types {" ".join(TEXTS)};
    client_body_temp_path {_quoted(run / "nginx" / "body")};
    proxy_temp_path {_quoted(run / "nginx" / "proxy")};
    fastcgi_temp_path {_quoted(run / "nginx" / "fastcgi")};
    uwsgi_temp_path {_quoted(run / "nginx" / "uwsgi")};
    scgi_temp_path {_quoted(run / "nginx" / "scgi")};
    map $http_upgrade $connection_upgrade {{ default upgrade; "" ""; }}
    upstream park {{ server {_quoted(f"unix:{proxy_socket(settings)}")}; keepalive 32; }}
    server {{
        listen {settings.web.listen_ip}:{settings.web.listen_port};
        merge_slashes off;
        # How large an upload may be, and which headers are right, is for those behind to say.
        client_max_body_size 0;
        large_client_header_buffers 8 32k;
        ignore_invalid_headers off;
        location {PATH}/ {{ return 404; }}
        location ~ "^{PATH}/{shelf.NAME}/.+$" {{
            root {_quoted(shelf.trees(settings).parent)};
            try_files $uri =404;
            if ($request_method !~ ^(GET|HEAD)$) {{ return 405; }}
            disable_symlinks on;
            gzip_static on;
            gzip_vary on;
            {"brotli_static on;" if has_brotli else ""}
            {headers}
        }}
        location / {{
            proxy_pass http://park;
            proxy_http_version 1.1;
            proxy_set_header Host $http_host;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_upgrade;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            # News of a starting server and of a running cell come in small pieces, at once.
            proxy_buffering off;
            proxy_request_buffering off;
            proxy_read_timeout 1d;
            proxy_send_timeout 1d;
            error_page 502 504 =503 /technopark-is-away;
        }}
        location = /technopark-is-away {{
            internal;
            default_type text/html;
            alias {_quoted(error_page)};
        }}
    }}
}}
"""


def _quoted(value: object) -> str:
    text = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'
