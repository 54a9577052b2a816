# docker build -t voicememo . && docker run -p 8000:8000 -e LINQ_API_V3_API_KEY=… -e MEMO_PUBLIC_URL=… voicememo
FROM python:3.11-slim

ENV PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PORT=8000 \
    DATABASE_URL=sqlite:////data/voicememo.db

WORKDIR /app
COPY requirements.txt .
RUN pip install --no-cache-dir --require-hashes -r requirements.txt
COPY app app
# Compiled here, because the user below may not write to this folder.
RUN python -m compileall -q app
RUN useradd --system --uid 10001 --no-create-home voicememo \
    && mkdir /data && chown voicememo /data
USER voicememo
VOLUME /data
EXPOSE 8000

# The exec form: the process itself gets SIGTERM, and no shell that would swallow it.
CMD ["python", "-m", "app", "serve"]
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/healthz', timeout=4)"]
